package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.HeadSpecialisation
import dev.kausal.engine.analysis.attention.PatchMaps
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.gridAxes
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SpecialisationSpec

/** Which heads attend alike over many images. */
internal object SpecialisationAnalysis : JournaledReading<SpecialisationSpec>(SpecialisationSpec::class) {
    override fun read(
        spec: SpecialisationSpec,
        on: RunContext,
    ): List<Result> {
        val images = AttentionInputs(spec, on).each { it.maps() }
        return SpecialisationReading(spec, on.contrasts(spec).map { it.label }).results(images)
    }
}

/** Similarity of heads over images, and the maps behind it, with heads ordered by cluster. */
private class SpecialisationReading(
    private val spec: SpecialisationSpec,
    private val examples: List<String>,
) {
    fun results(images: List<PatchMaps>): List<Result> {
        val over = HeadSpecialisation.of(images)
        val order = over.clusters().order()
        val clusters = over.clusters().cut(spec.clusters)
        val each = images.map { HeadSpecialisation.of(listOf(it)) }
        val heads = order.map { over.heads()[it] }
        val similarity = each.map { one -> order.flatMap { a -> order.map { b -> one.similarity()[a][b] } } }
        val maps = each.map { one -> order.flatMap { one.maps()[it].toList() } }
        val groups = order.map { clusters[it] }
        val grid = gridAxes(images.first().grid())
        return listOf(
            result(
                spec.name,
                ResultKind.Specialisation,
                "similarity of heads (correlation of maps)",
                listOf(AxisSpec("head", heads), AxisSpec("other head", heads)),
                similarity,
                groups,
            ).copy(notes = listOf(named(heads, groups))),
            result(
                "${spec.name}.maps",
                ResultKind.AttentionMaps,
                "share of attention to patches",
                listOf(AxisSpec("head", heads)) + grid,
                maps,
                groups,
            ),
        )
    }

    private fun named(
        heads: List<String>,
        groups: List<Int>,
    ): String =
        groups.distinct().joinToString("; ", "Clusters of heads: ", ".") { group ->
            heads.filterIndexed { i, _ -> groups[i] == group }.joinToString()
        }

    private fun result(
        name: String,
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        rows: List<List<Double>>,
        groups: List<Int>,
    ): Result = measured(name, kind, metric, axes, examples, rows).copy(groups = groups)
}
