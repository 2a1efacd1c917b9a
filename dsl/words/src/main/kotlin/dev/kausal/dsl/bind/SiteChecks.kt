package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.mistakes.EditMistake
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.hooks.Axis
import dev.kausal.spec.PartSpec

/** Checks that the model has a hook point and its named unit. */
internal class SiteChecks(
    private val binding: Binding,
) {
    fun check(
        line: Int?,
        site: Address,
    ) {
        val mistake = layer(line, site) ?: hook(line, site) ?: unit(line, site)
        if (mistake != null) binding.mistakes += mistake
    }

    private fun layer(
        line: Int?,
        site: Address,
    ): Mistake? {
        val layers = binding.facts.shape.layers
        return site.layer?.takeIf { it !in 0 until layers }?.let { Mistake.NoSuchLayer(line, it, layers) }
    }

    private fun hook(
        line: Int?,
        site: Address,
    ): Mistake? =
        if (binding.facts.hasHook(site.hook)) {
            null
        } else {
            Mistake.NoSuchHook(line, site.hook, binding.facts.family, binding.facts.whyNoHook(site.hook))
        }

    private fun unit(
        line: Int?,
        site: Address,
    ): Mistake? {
        val shape = binding.facts.shape
        val layer = site.layer ?: return null
        val keyValue = Axis.KEY_VALUE_HEAD in site.kind.axes()
        val heads = if (keyValue) shape.keyValueHeads else shape.heads
        val axes = binding.facts.point(site.hook)?.axes() ?: site.kind.axes()
        return when (val part = site.part) {
            is PartSpec.Head if axes.none { it.heads() } -> {
                EditMistake.NoHeads(line, site.hook, part.head)
            }

            is PartSpec.Head if part.head !in 0 until heads -> {
                Mistake.NoSuchHead(line, layer, part.head, heads, keyValue)
            }

            is PartSpec.Neuron if part.neuron !in 0 until shape.dMlp -> {
                Mistake.NoSuchNeuron(line, layer, part.neuron, shape.dMlp)
            }

            else -> {
                null
            }
        }
    }
}
