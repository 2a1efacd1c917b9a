package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgeSelection
import dev.kausal.run.context.RunContext
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.EdgesSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RocPoint
import dev.kausal.spec.RocRecord
import dev.kausal.spec.RocSpec
import dev.kausal.statistics.Roc
import dev.kausal.statistics.Ties
import dev.kausal.statistics.Trapezoids
import java.util.BitSet
import java.util.Locale
import kotlin.math.abs

/** Recovery of known edges by rankings; runs after the results that rank edges. */
internal object RocAnalysis : Reading<RocSpec>(RocSpec::class, Stage.RANKINGS) {
    override fun results(
        spec: RocSpec,
        on: RunContext,
    ): List<Result> {
        val graph = EdgeGraph(on.backend.config)
        val known = BitSet()
        spec.truth.forEach { known.set(graph.find(it).orElseThrow()) }
        val rankings = spec.of.map { name ->
            val result = on.results.getValue(name)
            Ranking(name, scores(result), floor(result, on), graph, known)
        }
        val names = AxisSpec("ranking", spec.of)
        val area =
            result(spec.name, ResultKind.Roc, RocSpec.AREA, listOf(names), rankings.map { it.roc.area })
                .copy(roc = rankings.map { it.record() }, notes = notes(rankings))
        val rates = List(STEPS + 1) { it.toDouble() / STEPS }
        val axes = listOf(AxisSpec("false positive rate", rates.map { "$it" }), names)
        val curve = rates.flatMap { rate -> rankings.map { it.roc.truePositiveRate(rate) } }
        return listOf(area, result("${spec.name}.curve", ResultKind.RocCurve, "true positive rate", axes, curve))
    }

    /** Returns the absolute mean effect of each edge; 0 if it was not computed. */
    private fun scores(result: Result): DoubleArray = DoubleArray(result.mean.size) { abs(result.mean[it] ?: 0.0) }

    /** Returns the largest difference of two effects that may be rounding. */
    private fun floor(
        ranking: Result,
        on: RunContext,
    ): Double {
        val spec = on.spec.analyses.filterIsInstance<EdgesSpec>().single { it.name == ranking.name }
        return EdgePairs(spec, spec.metric, on).floor(ranking.baseline.values.flatten().filterNotNull())
    }

    private fun result(
        name: String,
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        values: List<Double>,
    ) = Result(
        name = name,
        kind = kind,
        metric = metric,
        axes = axes,
        examples = emptyList(),
        shape = axes.map { it.labels.size },
        perExample = emptyList(),
        mean = values,
    )

    private fun notes(rankings: List<Ranking>): List<String> =
        rankings.mapNotNull {
            val floor = "%.1e".format(Locale.ROOT, it.floor)
            when {
                it.tied -> "All edges have the same effect in ${it.name}, up to rounding ($floor): it ranks none."
                it.merges -> "Effects in ${it.name} that differ by no more than rounding ($floor) count as equal."
                else -> null
            }
        }

    /** Intervals of the false positive rate at which a curve is given. */
    private const val STEPS = 20
}

/** One ranking of all edges, in which effects that differ by at most [floor] are equal. */
private class Ranking(
    val name: String,
    private val exact: DoubleArray,
    val floor: Double,
    private val graph: EdgeGraph,
    private val known: BitSet,
) {
    private val scores = Ties.grouped(exact.toList(), floor).toDoubleArray()
    val roc = Roc(scores.toList(), List(scores.size) { known[it] })
    val tied = exact.max() - exact.min() <= floor

    /** Whether effects that are no equal numbers count as equal. */
    val merges = roc.points.size < exact.distinct().size

    fun record(): RocRecord {
        val highestOther = exact.indices.filterNot { known[it] }.maxOf { exact[it] }
        val missed = exact.indices.filter { known[it] && exact[it] <= highestOther + floor }.sortedBy { scores[it] }
        return RocRecord(
            ranking = name,
            area = roc.area,
            greedyArea = greedyArea(),
            edges = scores.size,
            first = roc.points.first { it.truePositiveRate == 1.0 }.items,
            points = corners().map { RocPoint(it.threshold, it.items, it.truePositiveRate, it.falsePositiveRate) },
            missed = missed.map(graph::label),
            floor = floor,
        )
    }

    private fun corners(): List<Roc.Point> =
        roc.points.filterIndexed { i, point ->
            val before = roc.points.getOrNull(i - 1)
            val after = roc.points.getOrNull(i + 1)
            before == null || after == null ||
                listOf(before, point, after).run {
                    map { it.truePositiveRate }.distinct().size > 1 && map { it.falsePositiveRate }.distinct().size > 1
                }
        }

    /** The area over the rates of circuits that grow from the logits, at the benchmark's sizes, without (0, 0). */
    private fun greedyArea(): Double? {
        val order = EdgeSelection.greedy(graph, scores)
        val rates =
            CircuitSpec.MIB_SHARES.map { share ->
                val circuit = BitSet()
                order.take((share * scores.size).toInt()).forEach(circuit::set)
                val kept = EdgeSelection.pruned(graph, circuit)
                val found = BitSet().also { it.or(kept) }.also { it.and(known) }.cardinality()
                val wrong = kept.cardinality() - found
                wrong.toDouble() / (scores.size - known.cardinality()) to found.toDouble() / known.cardinality()
            }
        val last = rates.last().first
        return if (last == 0.0) null else Trapezoids.area(rates.map { (fpr, tpr) -> fpr / last to tpr })
    }
}
