package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgeSelection
import dev.kausal.run.context.RunContext
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RocPoint
import dev.kausal.spec.RocRecord
import dev.kausal.spec.RocSpec
import dev.kausal.statistics.Roc
import dev.kausal.statistics.Trapezoids
import java.util.BitSet
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
        val rankings = spec.of.map { Ranking(it, scores(on.results.getValue(it)), graph, known) }
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
        rankings.filter { it.tied }.map { "All edges have the same effect in ${it.name}: it ranks none." }

    /** Intervals of the false positive rate at which a curve is given. */
    private const val STEPS = 20
}

/** One ranking of all edges. */
private class Ranking(
    val name: String,
    private val scores: DoubleArray,
    private val graph: EdgeGraph,
    private val known: BitSet,
) {
    val roc = Roc(scores.toList(), List(scores.size) { known[it] })
    val tied = scores.distinct().size == 1

    fun record(): RocRecord {
        val highestOther = scores.indices.filterNot { known[it] }.maxOf { scores[it] }
        val missed = scores.indices.filter { known[it] && scores[it] <= highestOther }.sortedBy { scores[it] }
        return RocRecord(
            ranking = name,
            area = roc.area,
            greedyArea = greedyArea(),
            edges = scores.size,
            first = roc.points.first { it.truePositiveRate == 1.0 }.items,
            points = corners().map { RocPoint(it.threshold, it.items, it.truePositiveRate, it.falsePositiveRate) },
            missed = missed.map(graph::label),
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
