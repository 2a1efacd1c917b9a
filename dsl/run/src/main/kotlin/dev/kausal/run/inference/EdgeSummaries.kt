package dev.kausal.run.inference

import dev.kausal.run.inputs.Seeds
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EdgeEffect
import dev.kausal.spec.EdgeName
import dev.kausal.spec.EdgeSummary
import dev.kausal.spec.EdgeTotal
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.statistics.Draws
import dev.kausal.statistics.Sample
import dev.kausal.statistics.Signs
import kotlin.math.abs

/**
 * Adds to a result over edges its strongest ones, with intervals, and sums by kind. Tens of thousands of edges have no intervals:
 * a reader looks at the strongest, which are chosen by their size, so they are not tested.
 */
internal class EdgeSummaries(
    private val contrasts: List<ContrastSpec>,
    private val spec: InferenceSpec?,
    private val seed: Long,
) {
    private val inference = spec?.let { Inference(it, seed) }

    /** Returns [result] with intervals of its strongest edges, and the summary. */
    fun added(result: Result): Result {
        val labels = result.axes.single().labels
        val means = result.mean
        val order = means.indices.filter { means[it] != null }.sortedByDescending { abs(means[it]!!) }
        val strongest = order.take(STRONGEST)
        val some = some(result, strongest)
        val low = arrayOfNulls<Double>(labels.size)
        val high = arrayOfNulls<Double>(labels.size)
        strongest.forEachIndexed { i, edge ->
            low[edge] = some.ciLow.getOrNull(i)
            high[edge] = some.ciHigh.getOrNull(i)
        }
        val signs = spec?.takeIf { result.estimate?.unsigned != true }?.let { signs(it, some) }
        val effects =
            strongest.mapIndexed { i, edge ->
                EdgeEffect(
                    labels[edge],
                    means[edge]!!,
                    some.ciLow.getOrNull(i),
                    some.ciHigh.getOrNull(i),
                    signs?.get(i),
                )
            }
        return result.copy(
            ciLow = Numbers.of(low.toList()),
            ciHigh = Numbers.of(high.toList()),
            inference = some.inference,
            edges = EdgeSummary(labels.size, effects, totals(labels, means)),
            notes = result.notes + some.notes,
        )
    }

    /** The strongest edges as a result of their own, with intervals. */
    private fun some(
        result: Result,
        edges: List<Int>,
    ): Result {
        val axis = AxisSpec("edge", edges.map { result.axes.single().labels[it] })
        val rows = result.perExample.map { row -> edges.map { row[it] } }
        val some = measured(result.name, result.kind, result.metric, listOf(axis), result.examples, rows)
        return inference?.of(some, contrasts, tested = { false }) ?: some
    }

    private fun signs(
        spec: InferenceSpec,
        some: Result,
    ): List<Double?> {
        val sample = Sample(some.perExample, Clusters(contrasts, spec.clusters).labels)
        return Signs.held(sample, Draws.of(sample.clusters, spec.resamples, Seeds.resampling(seed, some.name)))
    }

    private fun totals(
        labels: List<String>,
        means: List<Double?>,
    ): List<EdgeTotal> {
        val groups = labels.indices.groupBy { i -> EdgeName.of(labels[i])!!.let { it.from to it.to } }
        return groups.map { (kinds, edges) ->
            val numbers = edges.mapNotNull { means[it] }
            EdgeTotal(kinds.first, kinds.second, edges.size, numbers.sum(), numbers.sumOf { abs(it) })
        }
    }

    private companion object {
        const val STRONGEST = 100
    }
}
