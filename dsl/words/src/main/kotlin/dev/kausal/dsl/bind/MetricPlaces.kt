package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.NamedMetric
import dev.kausal.dsl.Span
import dev.kausal.dsl.TokenClassifier
import dev.kausal.spec.ContrastSetSpec

/** Kinds of model with outputs at every position. */
private val ofPositions = listOf(CausalLm::class.java, MaskedLm::class.java, TokenClassifier::class.java)

/** Checks that the prompts of [set] have the positions that [metric] reads, and that the model has outputs there. */
internal fun Binding.metricPlace(
    line: Int?,
    metric: NamedMetric,
    set: ContrastSetSpec,
) {
    val place = metric.at ?: return
    val name = "the place of metric ${metric.name}"
    if (ofPositions.none { facts.isA(it) }) {
        bad(line, name, "$place", "left out: a ${facts.capability} gives one output for the whole input")
    } else if ((place as? Span)?.eachOf == true) {
        bad(line, name, "$place", "one range of tokens, such as subject, last or everyPosition")
    } else {
        val prompts = set.contrasts.flatMap { example ->
            listOfNotNull(example.clean, example.corrupted).map { it to example.label }
        }
        spans.check(line, name, place, prompts)
    }
}
