package dev.kausal.compile

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDManager
import dev.kausal.engine.hooks.ActivationCache
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.ValueSpec
import java.util.Random
import kotlin.math.sqrt

/** How far the edits of one cell move the activations of one example, and moves as far elsewhere. */
internal class Moves(
    private val model: HookedModel,
    private val inputs: EngineInputs,
    private val contrast: ContrastSpec,
    private val cell: CellSpec,
) {
    /** For each edit the norm of its change at each of its positions; of tokens edited one at a time, their mean. */
    private val norms: Map<EditSpec, DoubleArray> = measured()

    /** [x], the activations of [edit] cut to positions and units, each position moved in a direction drawn by [seed]. */
    fun moved(
        x: NDArray,
        edit: EditSpec,
        seed: Long,
    ): NDArray {
        val rows = x.shape[1].toInt()
        val width = (x.size() / rows).toInt()
        val random = Random(seed)
        val values = FloatArray(x.size().toInt())
        val its = norms.getValue(edit)
        for (row in 0 until rows) {
            val direction = DoubleArray(width) { random.nextGaussian() }
            val length = sqrt(direction.sumOf { it * it })
            val norm = its[minOf(row, its.lastIndex)]
            for (i in 0 until width) values[row * width + i] = (norm * direction[i] / length).toFloat()
        }
        return x.add(x.manager.create(values, x.shape))
    }

    private fun measured(): Map<EditSpec, DoubleArray> {
        val edited = contrast.run(cell.run)
        return Torch.manager().use { manager ->
            val own = captured(edited, manager)
            val clean = if (cell.edits.any { it.value is ValueSpec.From }) captured(contrast.clean, manager) else own
            cell.edits.associateWith { edit -> norms(edit, edited, own, clean) }
        }
    }

    private fun captured(
        prompt: PromptSpec,
        manager: NDManager,
    ): ActivationCache {
        val sites = cell.edits.map { it.site }.toSet()
        val hooks = model.noHooks()
        Torch.inference()
        val cache = hooks.capture({ it.name() in sites }, manager)
        model.outputsAt(inputs.of(prompt), prompt.readAt, hooks, manager)
        return cache
    }

    private fun norms(
        edit: EditSpec,
        edited: PromptSpec,
        own: ActivationCache,
        clean: ActivationCache,
    ): DoubleArray {
        val from = (edit.value as? ValueSpec.From)?.let { positions(edit.at, contrast.clean) }
        val before = Rows(own.get(edit.site), edit.part)
        val after = from?.let { Rows(clean.get(edit.site), edit.part) }
        val places = positions(edit.at, edited)
        val each =
            places.mapIndexed { i, position ->
                val source = from?.let { after!!.at(it[minOf(i, it.lastIndex)]) }
                val target = before.at(position)
                sqrt(target.indices.sumOf { k -> (target[k] - (source?.get(k) ?: 0.0)).let { it * it } })
            }
        return if (edit.at is PlaceSpec.EachOf) doubleArrayOf(each.average()) else each.toDoubleArray()
    }

    private fun positions(
        place: PlaceSpec,
        prompt: PromptSpec,
    ): List<Int> {
        if (place is PlaceSpec.EachOf) return spanOf(prompt, place.span).toList()
        val rows = place.rows(prompt)
        return (if (rows.all()) prompt.tokens.indices else rows.first()..rows.last()).toList()
    }

    /** An activation [1, position, (head,) unit] cut to a part. */
    private class Rows(
        activation: NDArray,
        private val part: PartSpec,
    ) {
        private val values = activation.toFloatArray()
        private val positions = activation.shape[1].toInt()
        private val width = values.size / positions
        private val unit = activation.shape[activation.shape.dimension() - 1].toInt()

        fun at(position: Int): List<Double> {
            val start = position * width
            val within =
                when (part) {
                    PartSpec.All -> 0 until width
                    is PartSpec.Head -> part.head * unit until (part.head + 1) * unit
                    is PartSpec.Neuron -> part.neuron..part.neuron
                }
            return within.map { values[start + it].toDouble() }
        }
    }
}
