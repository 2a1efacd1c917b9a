package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.measured
import dev.kausal.run.sweep.SweepResult
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.group
import dev.kausal.spec.question
import dev.kausal.spec.words

/** Answers of the unedited runs, by group: a sweep without cells. */
internal object BehaviourAnalysis : Analysis<BehaviourSpec> {
    override val spec = BehaviourSpec::class
    override val stage = Stage.SWEEPS

    override fun plan(
        spec: BehaviourSpec,
        on: RunContext,
    ): Planned =
        object : Planned {
            override val asked = listOf(asked(spec, on.contrasts(spec)))

            override fun results(swept: List<SweepResult>) =
                swept.map { behaviour(spec, on.contrasts(spec), it, on.inference) }
        }
}

/** Returns the sweep without cells whose unedited runs [spec] needs. */
private fun asked(
    spec: BehaviourSpec,
    contrasts: List<ContrastSpec>,
) = SweepRequest(
    SweepSpec(spec.name, spec.contrasts, spec.line, spec.metric, emptyList(), emptyList()),
    contrasts,
)

/** Returns shares and shifts by group, and the amounts beyond the control groups. */
private fun behaviour(
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
    val own =
        contrasts.indices.map { example ->
            val a = clean[example]
            val b = corrupted[example]
            if (a == null || b == null) null else quantities(a, b)
        }
    val controls = Controlled(spec, contrasts, groups, own)
    val quantities = QUANTITIES + controls.quantities
    val names = groups.distinct()
    val none = List(quantities.size) { null }
    val rows =
        contrasts.indices.map { example ->
            val values = own[example]?.let { it + controls.beyond(example) } ?: none
            names.flatMap { if (it == groups[example]) values else none }
        }
    val result =
        measured(
            spec.name,
            ResultKind.Behaviour,
            "share, or ${if (spec.metric == MetricSpec.LogitDifference) "logit difference" else spec.metric.text}",
            listOf(AxisSpec(spec.by.words, names), AxisSpec("quantity", quantities)),
            contrasts.map { it.label },
            rows,
        ).copy(baseline = baseline, rounding = unedited.rounding, notes = controls.notes())
    // A share itself is not tested: one example proves that it is not 0.
    // An answer flips if the shift reaches the clean logit difference, of which the smallest effect is a share.
    return inference?.of(result, contrasts, tested = { it % quantities.size >= SHIFT }) ?: result
}

private val QUANTITIES = listOf("answer, clean", "answer, corrupted", "turned", "shift")
private const val TURNED = 2
private const val SHIFT = 3

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

/** The effect of a group on a question minus that of the controls on the same question. */
private class Controlled(
    private val spec: BehaviourSpec,
    contrasts: List<ContrastSpec>,
    private val groups: List<String>,
    private val own: List<List<Double>?>,
) {
    private val questions = contrasts.map { it.question }
    private val controls =
        spec.against.associateWith { control ->
            groups.indices.filter { groups[it] == control && own[it] != null }.groupBy { questions[it] }
        }

    val quantities: List<String> = spec.against.flatMap { listOf("turned beyond $it", "shift beyond $it") }

    /**
     * Returns both differences of [example] for each control; null for a control itself, and if a control lacks the
     * question.
     */
    fun beyond(example: Int): List<Double?> =
        controls.values.flatMap { control ->
            val same = control[questions[example]]
            listOf(TURNED, SHIFT).map { quantity ->
                if (same == null || own[example] == null || groups[example] in spec.against) {
                    null
                } else {
                    own[example]!![quantity] - same.map { own[it]!![quantity] }.average()
                }
            }
        }

    private fun paired(example: Int): Boolean = controls.values.all { questions[example] in it }

    fun notes(): List<String> {
        if (spec.against.isEmpty()) return emptyList()
        val asked = groups.indices.filter { groups[it] !in spec.against }
        val without = asked.filterNot { paired(it) }
        return if (without.isEmpty()) {
            emptyList()
        } else {
            listOf(
                "${without.size} of ${asked.size} examples have no control with the same question and are left out there.",
            )
        }
    }
}
