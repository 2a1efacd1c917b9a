package dev.kausal.compile

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Result
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.group

/** The sweep without cells whose unedited runs say what [spec] needs. */
internal fun asked(
    spec: BehaviourSpec,
    contrasts: List<ContrastSpec>,
) = Sweeps.Asked(
    SweepSpec(spec.name, spec.contrasts, spec.line, MetricSpec.LogitDifference, emptyList(), emptyList()),
    contrasts,
)

/** Shares and shifts by group. A share has no test: that it is not 0 is seen from one example. */
internal fun behaviour(
    spec: BehaviourSpec,
    contrasts: List<ContrastSpec>,
    swept: SweepResult,
    inference: Inference?,
): Result {
    val unedited = swept.result(null)
    val baseline = unedited.baseline
    val clean = baseline.getValue("clean")
    val corrupted = baseline.getValue("corrupted")
    val groups = contrasts.map { it.group(spec.by) }
    val names = groups.distinct()
    val rows =
        contrasts.indices.map { example ->
            val a = clean[example]
            val b = corrupted[example]
            val own = if (a == null || b == null) List(QUANTITIES.size) { null } else quantities(a, b)
            names.flatMap { if (it == groups[example]) own else List(QUANTITIES.size) { null } }
        }
    val result =
        measured(
            spec.name,
            "behaviour",
            "share, or logit difference",
            listOf(AxisSpec(spec.by.name.lowercase(), names), AxisSpec("quantity", QUANTITIES)),
            contrasts.map { it.label },
            rows,
        ).copy(baseline = baseline, rounding = unedited.rounding)
    return inference?.of(result, contrasts, tested = { it % QUANTITIES.size == QUANTITIES.lastIndex }) ?: result
}

private val QUANTITIES = listOf("answer, clean", "answer, corrupted", "turned", "shift")

private fun quantities(
    clean: Double,
    corrupted: Double,
): List<Double> =
    listOf(
        if (clean > 0) 1.0 else 0.0,
        if (corrupted > 0) 1.0 else 0.0,
        if (clean > 0 && corrupted <= 0) 1.0 else 0.0,
        corrupted - clean,
    )
