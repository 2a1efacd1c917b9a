package dev.kausal.run.analyses

import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.Rankings
import dev.kausal.run.inference.unranked
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.RankCorrelationSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.statistics.RankAgreement
import java.util.Locale

/** Agreement of results in ranking the heads. */
internal object RankCorrelationAnalysis : Reading<RankCorrelationSpec>(RankCorrelationSpec::class, Stage.RANKINGS) {
    override fun results(
        spec: RankCorrelationSpec,
        on: RunContext,
    ): List<Result> = listOf(rankCorrelation(spec, on.rankings, on.spec.inference, on.spec.seed))
}

/**
 * Computes how far rankings by the sizes of mean effects agree: corrected for noise in both, or uncorrected without
 * inference.
 */
private fun rankCorrelation(
    spec: RankCorrelationSpec,
    rankings: Rankings,
    inference: InferenceSpec?,
    seed: Long,
): Result {
    val by = inference?.clusters ?: Grouping.Subject
    val samples = spec.of.map { rankings.sample(it, by) }
    val pairs = spec.of.indices.flatMap { i -> (i + 1 until spec.of.size).map { j -> i to j } }
    val found =
        pairs.associateWith { (i, j) -> RankAgreement.of(samples[i], samples[j], inference?.level ?: LEVEL, seed) }
    val tied = spec.of.filter(rankings::allTied)
    val cells =
        spec.of.indices.flatMap { i ->
            spec.of.indices.map { j -> found[minOf(i, j) to maxOf(i, j)].takeIf { i != j } }
        }
    val own = spec.of.indices.flatMap { i -> spec.of.indices.map { j -> i == j } }
    return Result(
        name = spec.name,
        kind = ResultKind.RankCorrelation,
        metric = "rank correlation",
        axes = listOf(AxisSpec("ranking", spec.of), AxisSpec("other ranking", spec.of)),
        examples = emptyList(),
        shape = listOf(spec.of.size, spec.of.size),
        perExample = emptyList(),
        mean = cells.zip(own) { agreement, same ->
            if (same) {
                1.0
            } else if (inference == null) {
                agreement?.raw
            } else {
                agreement?.corrected
            }
        },
        ciLow = cells.map { it?.interval?.low.takeIf { inference != null } },
        ciHigh = cells.map { it?.interval?.high.takeIf { inference != null } },
        notes = notes(spec, found, tied, inference != null),
    )
}

private fun notes(
    spec: RankCorrelationSpec,
    found: Map<Pair<Int, Int>, RankAgreement>,
    tied: List<String>,
    corrected: Boolean,
): List<String> {
    val kind = "Spearman's correlation over all cells, by the size of each cell's mean effect"
    val how =
        if (corrected) {
            "corrected for the noise of both"
        } else {
            "not corrected for noise"
        }
    val pairs = found.filterKeys { (i, j) -> spec.of[i] !in tied && spec.of[j] !in tied }
    return listOf("$kind, $how.") + tied.map(::unranked) +
        pairs.map { (pair, found) -> said(spec.of[pair.first], spec.of[pair.second], found) }.filter { corrected }
}

private fun said(
    a: String,
    b: String,
    found: RankAgreement,
): String {
    val raw = "$a and $b: ${number(found.raw)} uncorrected"
    val ceilings = found.ceilings ?: return "$raw; too few independent examples for a correction."
    val halves =
        "split-half reliability ${number(ceilings.first)} and ${number(ceilings.second)}"
    if (found.corrected == null) return "$raw; $halves, too low for a correction."
    return "$raw; $halves."
}

private fun number(value: Double?): String = value?.let { "%.2f".format(Locale.ROOT, it) } ?: "no value"

private const val LEVEL = 0.95
