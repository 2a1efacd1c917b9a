package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeSelection
import dev.kausal.engine.errors.KausalException
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.SelectionSplit
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inference.measured
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.words
import dev.kausal.statistics.Ratio
import dev.kausal.statistics.Ratios
import dev.kausal.statistics.Sample
import java.util.BitSet
import kotlin.math.abs
import kotlin.math.sign

/** Circuits of several sizes; runs after the results that rank edges. */
internal object CircuitAnalysis : JournaledReading<CircuitSpec>(CircuitSpec::class, Stage.CHOSEN) {
    override fun read(
        spec: CircuitSpec,
        on: RunContext,
    ): List<Result> = CircuitCurves(spec, on).results()
}

/** Edges cannot be ranked on one half of the examples and measured on the other. */
public class NoHalvesException internal constructor(
    spec: CircuitSpec,
) : KausalException(
        Blame.USER,
        listOfNotNull(spec.line?.let { "line $it" }, spec.name).joinToString(", ") +
            ": halves = true needs examples of ${spec.edges} in both halves, but there are too few; use more " +
            "examples, or leave halves out",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}

/** One circuit analysis. */
private class CircuitCurves(
    private val spec: CircuitSpec,
    private val on: RunContext,
) {
    private val pairs = EdgePairs(spec, spec.metric, on)
    private val graph = pairs.graph
    private val contrasts = on.contrasts(spec)
    private val sizes = spec.sizesOf(graph.size())
    private val by = on.spec.inference?.clusters ?: Grouping.Subject

    /** The circuits that each example is measured with: one for all, or two for halves. */
    private val folds: List<Pair<CircuitSets, (ContrastSpec) -> Boolean>> = folds()

    /** Numbers of one example. */
    private class Measured(
        val sets: CircuitSets,
        val clean: Double,
        val corrupted: Double,
        private val values: Map<BitSet, Double>,
    ) {
        fun of(circuits: List<BitSet>): List<Double> = circuits.map(values::getValue)

        /** The mean metric of the random circuits of each size; null if there are none. */
        fun random(): List<Double?> = sets.random.map { draws -> of(draws).takeIf { it.isNotEmpty() }?.average() }
    }

    private fun folds(): List<Pair<CircuitSets, (ContrastSpec) -> Boolean>> {
        val maker = CircuitSets.Maker(spec, graph)
        spec.kept?.let { kept ->
            return listOf(maker.of(kept.map { graph.find(it).orElseThrow() }) to { _ -> true })
        }
        val ranked = on.results.getValue(checkNotNull(spec.edges))
        val examples = on.contrasts(on.spec.analysis(ranked.name))
        if (!spec.halves) return listOf(maker.of(helpful(ranked, examples.indices.toList())) to { _ -> true })
        val halves =
            listOf(by, Grouping.Example).map { SelectionSplit.several(examples + contrasts, it, spec.seed, 2) }
                .firstOrNull { split -> split.size == 2 && split.all { half -> examples.any(half::chooses) } }
        return (halves ?: throw NoHalvesException(spec)).map { half ->
            maker.of(helpful(ranked, examples.indices.filter { half.chooses(examples[it]) })) to
                { contrast -> !half.chooses(contrast) }
        }
    }

    /** Returns how far the corruption of each edge moves the metric from the clean run's to the corrupted run's. */
    private fun helpful(
        ranked: Result,
        examples: List<Int>,
    ): DoubleArray {
        fun mean(run: String) = examples.mapNotNull { ranked.baseline.getValue(run)[it] }.average()
        val direction = sign(mean("corrupted") - mean("clean"))
        val means = meanOver(examples.map { ranked.perExample[it] })
        return DoubleArray(graph.size()) { edge -> direction * (means[edge] ?: 0.0) }
    }

    fun results(): List<Result> {
        val measured = on.perExample(spec, ::measured)
        pairs.requireGap(measured.map { it.clean }, measured.map { it.corrupted })
        val rows = measured.map { it.of(it.sets.curve) }
        val axes = listOf(AxisSpec("size", sizes.map { "$it" }))
        val labels = contrasts.map { it.label }
        val baseline = mapOf("clean" to measured.map { it.clean }, "corrupted" to measured.map { it.corrupted })
        val result =
            measured(spec.name, ResultKind.Circuit, spec.metric.text, axes, labels, rows).copy(
                baseline = baseline,
                faithfulness = faithful(measured, rows),
                cpr = area(measured, { it.signed }),
                cmd = area(measured, { it.absolute }) { abs(1 - it) },
                circuit = record(measured),
                notes = notes(),
            )
        val inferred = on.inference?.of(result, contrasts, tested = { false }) ?: result
        return listOf(inferred, curve(measured, rows))
    }

    private fun measured(contrast: ContrastSpec): Measured {
        val sets = folds.first { (_, measures) -> measures(contrast) }.first
        val circuits = (listOf(graph.all(), BitSet()) + sets.all).distinct()
        val values = circuits.zip(pairs.metrics(contrast, circuits)).toMap()
        return Measured(sets, values.getValue(graph.all()), values.getValue(BitSet()), values)
    }

    /** Returns the mean change from the corrupted runs divided by that of the clean runs, by size. */
    private fun faithful(
        measured: List<Measured>,
        rows: List<List<Double>>,
    ): List<Double> {
        val gap = measured.sumOf { it.clean - it.corrupted }
        return rows.first().indices.map { size ->
            measured.indices.sumOf { rows[it][size] - measured[it].corrupted } / gap
        }
    }

    private fun area(
        measured: List<Measured>,
        circuits: (CircuitSets) -> List<BitSet>,
        of: (Double) -> Double = { it },
    ): Double? {
        if (!spec.areas) return null
        return CircuitSpec.area(faithful(measured, measured.map { it.of(circuits(it.sets)) }).map(of))
    }

    private fun record(measured: List<Measured>): CircuitRecord {
        val draws = if (spec.draws == 0 || folds.all { (sets) -> sets.random.all { it.isEmpty() } }) 0 else spec.draws
        val random = sizes.indices.map { size -> List(draws) { draw -> drawn(measured, size, draw) }.filterNotNull() }
        return CircuitRecord(
            edges = graph.size(),
            sizes = sizes,
            connected = folds.map { (sets) -> sets.curve.map { EdgeSelection.pruned(graph, it).cardinality() } },
            ranked = folds.map { (sets) -> sets.order.take(named(sets)).map(graph::label) },
            random = if (draws == 0) emptyList() else random,
        )
    }

    /** Returns the faithfulness of one random circuit; null if its size has none. */
    private fun drawn(
        measured: List<Measured>,
        size: Int,
        draw: Int,
    ): Double? {
        val rows =
            measured.map { one ->
                val circuit = one.sets.random[size].getOrNull(draw) ?: return null
                one.of(listOf(circuit))
            }
        return faithful(measured, rows).single()
    }

    private fun named(sets: CircuitSets): Int = minOf(CircuitRecord.MOST, sets.curve.maxOf { it.cardinality() })

    /** Returns faithfulness by size, beside that of random circuits. */
    private fun curve(
        measured: List<Measured>,
        rows: List<List<Double>>,
    ): Result {
        val random = measured.map { it.random() }
        val beside = random.any { row -> row.any { it != null } }
        val kinds = listOf(CHOSEN, RANDOM).take(if (beside) 2 else 1)
        val values =
            rows.zip(random) { own, other -> own.indices.flatMap { listOf(own[it], other[it]).take(kinds.size) } }
        val gaps = measured.map { it.clean - it.corrupted }
        val usable = Ratios.usable(gaps)
        val changes =
            values.mapIndexed { i, row -> row.map { it?.minus(measured[i].corrupted)?.takeIf { usable[i] } } }
        val scales = changes.mapIndexed { i, row -> row.map { change -> change?.let { gaps[i] } } }
        val ratios = changes.mapIndexed { i, row -> row.map { it?.div(gaps[i]) } }
        val axes = listOf(AxisSpec("size", sizes.map { "$it" }), AxisSpec("circuit", kinds)).take(kinds.size)
        val all = Ratio(Sample(changes), Sample(scales))
        val name = "${spec.name}.faithfulness"
        val labels = contrasts.map { it.label }
        val result =
            measured(name, ResultKind.CircuitFaithfulness, "faithfulness", axes, labels, ratios)
                .copy(mean = List(all.cells) { all.value(it) })
        val recovered = Inference.Recovered(changes, scales)
        return on.inference?.of(result, contrasts, recovered = recovered, explained = 1.0, tested = { false }) ?: result
    }

    private fun notes(): List<String> =
        listOfNotNull(
            when {
                spec.kept != null -> null
                spec.halves -> "Edges were ranked on one half of the ${by.words}s and measured on the other, both ways."
                on.spec.analysis(spec.edges!!).contrasts == spec.contrasts -> SAME_EXAMPLES
                else -> null
            },
        )

    private companion object {
        const val CHOSEN = "circuit"
        const val RANDOM = "random circuits"
        const val SAME_EXAMPLES =
            "Edges were ranked on the examples that they are measured on; halves = true separates the two."
    }
}
