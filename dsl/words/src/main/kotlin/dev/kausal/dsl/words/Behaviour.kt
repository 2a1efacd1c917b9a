package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.group
import dev.kausal.spec.question
import dev.kausal.spec.words

/**
 * Measures how often the model prefers the answer in clean and corrupted prompts, and the shift between them, by group.
 *
 * @param against control groups, such as a prompt that only mentions the foil: the effect of each on a question is
 *   subtracted from that of every other group on the same question
 * @param metric difference of answer and foil: [logitDifference], or [logLikelihoodDifference] for answers of several
 *   tokens
 */
public fun ExperimentScope.behaviour(
    contrasts: Contrasts<CausalLm>,
    by: Grouping = Grouping.Template,
    against: List<String> = emptyList(),
    metric: PlainMetric = logitDifference,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    return analysis(::ComparisonHandle) { BehaviourDeclaration(it, contrasts, line, by, against, metric) }
}

/** Measures behaviour with one control group. */
public fun ExperimentScope.behaviour(
    contrasts: Contrasts<CausalLm>,
    by: Grouping = Grouping.Template,
    against: String,
    metric: PlainMetric = logitDifference,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    return analysis(::ComparisonHandle) { BehaviourDeclaration(it, contrasts, line, by, listOf(against), metric) }
}

internal class BehaviourDeclaration(
    override val name: String,
    override val inputs: Contrasts<*>,
    override val line: Int?,
    private val by: Grouping,
    private val against: List<String>,
    private val metric: PlainMetric,
) : DeclaredAnalysis {
    override val answersRead: AnswersRead get() = metric.answersRead

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): BehaviourSpec {
        val measured = binding.sweeps.metric(line, metric, set, emptyList())
        if (measured != MetricSpec.LogitDifference && measured !is MetricSpec.LogLikelihoodDifference) {
            binding.bad(line, "the metric of behaviour", measured.text, "logitDifference or logLikelihoodDifference")
        }
        binding.needs.corrupted(line, "behaviour", set)
        controls(binding, set)
        return BehaviourSpec(name, set.name, line, by, against, measured)
    }

    /** Checks that controls are groups of the set that ask questions of the other groups. */
    private fun controls(
        binding: Binding,
        set: ContrastSetSpec,
    ) {
        val groups = set.contrasts.groupBy { it.group(by) }
        val unknown = against.filter { it !in groups }
        val known = groups.keys.joinToString()
        unknown.forEach { binding.bad(line, "against", it, "a ${by.words} of the set: $known") }
        if (unknown.isNotEmpty() || against.isEmpty()) return
        val (controls, others) = groups.entries.partition { it.key in against }
        val questions = controls.map { group -> group.value.map { it.question }.toSet() }
        when {
            against.distinct().size < against.size -> {
                binding.bad(line, "against", "$against", "each control once")
            }

            others.isEmpty() -> {
                binding.bad(line, "against", "every group", "some groups, so that others remain to compare")
            }

            others.none { group -> group.value.any { one -> questions.all { one.question in it } } } -> {
                val expected = "clean prompts, answers and foils of other contrasts, so that they are paired"
                binding.bad(line, "against", "${against.joinToString()}, which ask other questions", expected)
            }
        }
    }
}
