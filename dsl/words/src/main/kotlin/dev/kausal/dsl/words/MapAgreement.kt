package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.MapAgreementSpec

/**
 * Measures the agreement of maps of the same images, such as rollout, which uses only attention, and gradient-weighted
 * attention, which depends on the class: rank correlation of every pair over the patches, image by image. Maps by layer
 * use the last one, maps by head their mean.
 */
public fun ExperimentScope.mapAgreement(vararg of: MapHandle): Analysis<MeasureHandle> {
    val line = ScriptLines.line()
    val names = of.map { it.name }
    return analysis(::MeasureHandle) { name -> MapAgreementDeclaration(name, inputsOf(names), line, names) }
}

internal class MapAgreementDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val of: List<String>,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): MapAgreementSpec {
        if (of.size < 2) binding.bad(line, "maps to compare", "${of.size}", "2 or more")
        if (binding.facts.images == null) {
            binding.bad(line, "maps to compare", "maps of texts", "maps on the patches of images")
        }
        for (map in of) {
            val over = binding.declared(map)?.inputs
            if (over?.name == set.name) continue
            val found = over?.let { "over ${it.shown}" } ?: "a part of another result"
            binding.bad(line, "the map $map", found, "over ${set.shown}, as the first map is")
        }
        return MapAgreementSpec(name, set.name, line, of)
    }
}
