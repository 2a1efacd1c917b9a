package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * The effects of one result minus those of another, by cell and question: both have the same axes and metric, on two
 * sets that ask the same questions.
 *
 * @property of name of the minuend
 * @property minus name of the subtrahend
 */
@Serializable
@SerialName("difference")
public data class DifferenceSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val of: String,
    val minus: String,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = emptyList()

    override fun measure(experiment: ExperimentSpec): Measure? =
        experiment.analyses.find { it.name == of }?.measure(experiment)?.let(Measure::DifferenceOf)

    /** Returns the examples of [of] whose question is also asked in the other set. */
    override fun examples(experiment: ExperimentSpec): List<ContrastSpec> {
        val (all, others) = listOf(of, minus).map { experiment.contrastsOf(experiment.analysis(it)) }
        return paired(all, others).map { all[it.example] }
    }
}

/** The question that a contrast asks: clean prompt, answers and foils. */
public data class Question(
    val ids: List<Int>,
    val text: String,
    val answers: Set<Int>,
    val foils: Set<Int>,
)

/** The question that this contrast asks, independent of its corrupted prompt. */
public val ContrastSpec.question: Question
    get() = Question(clean.ids, clean.text, answers.map { it.id }.toSet(), foils.map { it.id }.toSet())

/**
 * An example of one set with the examples of another that ask the same question.
 *
 * @property example its index
 * @property partners their indices
 */
public class Paired(
    public val example: Int,
    public val partners: List<Int>,
)

/** Returns the examples of [of] whose question is also asked in [minus]. */
public fun paired(
    of: List<ContrastSpec>,
    minus: List<ContrastSpec>,
): List<Paired> {
    val partners: Map<Question, List<Int>> = minus.indices.groupBy { minus[it].question }
    return of.indices.mapNotNull { example -> partners[of[example].question]?.let { Paired(example, it) } }
}
