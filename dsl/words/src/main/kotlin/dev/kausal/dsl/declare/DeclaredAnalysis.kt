package dev.kausal.dsl.declare

import dev.kausal.dsl.Inputs
import dev.kausal.dsl.bind.Binding
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ContrastSetSpec

/** An analysis as a script declares it. It makes its own spec once a model is known. */
internal interface DeclaredAnalysis {
    val name: String
    val inputs: Inputs<*>
    val line: Int?

    /** Returns its spec on [set], and reports what is wrong with it; null if what is wrong leaves no spec. */
    fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AnalysisSpec?

    /** Reports what is wrong with it beside the other [specs], by name, once all of them are bound to their [sets]. */
    fun compare(
        binding: Binding,
        specs: Map<String, AnalysisSpec>,
        sets: Map<String, ContrastSetSpec>,
    ) {}

    /** Whether its result is one of effects, which those of another of the same class can be subtracted from. */
    val hasEffects: Boolean get() = false

    /** Whether its result has the axis layer alone, and so ranks layers. */
    val ranksLayers: Boolean get() = false

    /** Whether its result has the axes layer and head, and so ranks heads. */
    fun ranksHeads(binding: Binding): Boolean = false
}
