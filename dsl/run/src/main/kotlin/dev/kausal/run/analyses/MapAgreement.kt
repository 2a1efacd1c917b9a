package dev.kausal.run.analyses

import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inference.measured
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.MapAgreementSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.statistics.RankCorrelation

/** Agreement of maps of the same images. */
internal object MapAgreementAnalysis : Reading<MapAgreementSpec>(MapAgreementSpec::class, Stage.COMPARISONS) {
    override fun results(
        spec: MapAgreementSpec,
        on: RunContext,
    ): List<Result> = listOf(mapAgreement(spec, on.results))
}

/** Computes rank correlations of the maps of [results] that [spec] names. */
private fun mapAgreement(
    spec: MapAgreementSpec,
    results: Map<String, Result>,
): Result {
    val maps = spec.of.map { results.getValue(it) }
    val examples = maps.first().examples
    val rows =
        examples.indices.map { example ->
            val each = maps.map { it.map(example) }
            each.flatMap { a -> each.map { b -> RankCorrelation.of(a, b) } }
        }
    val axes = listOf(AxisSpec("map", spec.of), AxisSpec("other map", spec.of))
    return measured(spec.name, ResultKind.MapAgreement, "rank correlation of maps", axes, examples, rows).copy(
        notes = listOf("Spearman's correlation over patches; last layer, mean over heads."),
    )
}

/** Returns one value per patch: the last layer's, or the mean over heads. */
private fun Result.map(example: Int): List<Double?> {
    val patches = shape.takeLast(2).reduce(Int::times)
    val heads = axes.indexOfFirst { it.name == "head" }.let { if (it < 0) 1 else shape[it] }
    return meanOver(perExample[example].takeLast(patches * heads).chunked(patches))
}
