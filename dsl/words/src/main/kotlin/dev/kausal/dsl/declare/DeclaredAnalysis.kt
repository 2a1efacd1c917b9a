package dev.kausal.dsl.declare

import dev.kausal.dsl.Inputs
import dev.kausal.dsl.bind.Binding
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ContrastSetSpec

/** An analysis as declared by a script. It makes its own spec once the model is known. */
internal interface DeclaredAnalysis {
    val name: String
    val inputs: Inputs<*>
    val line: Int?

    /** Returns its spec on [set] and reports its mistakes; null if they leave no spec. */
    fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AnalysisSpec?

    /** Reports mistakes with respect to the other [specs], by name, once all of them are bound to their [sets]. */
    fun compare(
        binding: Binding,
        specs: Map<String, AnalysisSpec>,
        sets: Map<String, ContrastSetSpec>,
    ) {}

    /** What it reads of answers and foils. */
    val answersRead: AnswersRead get() = AnswersRead.OneToken

    /** Whether its result has effects, from which those of another of the same class can be subtracted. */
    val hasEffects: Boolean get() = false

    /** Whether its result has only the axis layer, and so ranks layers. */
    val ranksLayers: Boolean get() = false

    /** Returns whether its result has the axes layer and head, and so ranks heads. */
    fun ranksHeads(binding: Binding): Boolean = false
}

/** What an analysis reads of the answers and foils of its set. */
internal enum class AnswersRead {
    /** Logits of one position: answers must be one token. */
    OneToken,

    /** Whole answers, of one token or several. */
    Whole,

    None,
}
