package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeSelection
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.measured
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.words
import dev.kausal.statistics.Trapezoids
import java.util.BitSet
import kotlin.math.abs

/** Circuits of several sizes; runs after the results that rank edges. */
internal object CircuitAnalysis : JournaledReading<CircuitSpec>(CircuitSpec::class, Stage.CHOSEN) {
    override fun read(
        spec: CircuitSpec,
        on: RunContext,
    ): List<Result> = CircuitCurves(spec, on).results()
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
    private val folds = CircuitFolds(spec, on, graph).all()

    /** Numbers of one example. */
    private class Measured(
        val sets: CircuitSets,
        val clean: Double,
        val corrupted: Double,
        private val values: Map<BitSet, Double>,
    ) {
        fun of(circuits: List<BitSet>): List<Double> = circuits.map(values::getValue)

        fun of(circuit: BitSet): Double = values.getValue(circuit)

        /** The mean metric of the [draws] of each size; null if there are none. */
        fun means(draws: List<List<BitSet>>): List<Double?> =
            draws.map { of(it).takeIf { all -> all.isNotEmpty() }?.average() }
    }

    fun results(): List<Result> {
        val measured = on.perExample(spec, ::measured)
        val clean = measured.map { it.clean }
        val corrupted = measured.map { it.corrupted }
        val floor = pairs.requireGap(clean, corrupted)
        val rows = measured.map { it.of(it.sets.curve) }
        val result =
            measured(spec.name, ResultKind.Circuit, spec.metric.text, bySize, contrasts.map { it.label }, rows).copy(
                baseline = mapOf("clean" to clean, "corrupted" to corrupted),
                faithfulness = faithful(measured, rows),
                completeness = rest(measured)?.let { rest -> faithful(measured, rest).map { 1 - it } },
                cpr = area(measured, { it.signed }),
                cmd = area(measured, { it.absolute }) { abs(1 - it) },
                circuit = record(measured),
                notes = notes(),
            )
        val inferred = on.inference?.of(result, contrasts, tested = { false }) ?: result
        val gaps = clean.zip(corrupted) { a, b -> a - b }
        val shares = CircuitShares(spec, on, gaps)
        val rounding = floor / abs(gaps.average())
        val others = listOfNotNull(completeness(measured, shares), minimality(measured, shares, rounding))
        return listOf(inferred, curve(measured, rows, shares)) + others
    }

    private val bySize = listOf(AxisSpec("size", sizes.map { "$it" }))

    private fun measured(contrast: ContrastSpec): Measured {
        val sets = folds.first { it.measures(contrast) }.sets
        val circuits = (listOf(graph.all(), BitSet()) + sets.all).distinct()
        val values = circuits.zip(pairs.metrics(contrast, circuits)).toMap()
        return Measured(sets, values.getValue(graph.all()), values.getValue(BitSet()), values)
    }

    /** Returns the metric without the edges of each circuit [example, size]; null if it was not measured. */
    private fun rest(measured: List<Measured>): List<List<Double>>? =
        if (spec.completeness) measured.map { it.of(it.sets.rest) } else null

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
        if (!spec.areas || measured.any { circuits(it.sets).isEmpty() }) return null
        val values = faithful(measured, measured.map { it.of(circuits(it.sets)) }).map(of)
        return Trapezoids.area(CircuitSpec.MIB_SHARES.zip(values))
    }

    private fun record(measured: List<Measured>): CircuitRecord {
        val none = spec.draws == 0 || folds.all { fold -> fold.sets.random.all { it.isEmpty() } }
        val draws = if (none) 0 else spec.draws
        val without =
            rest(measured)?.let { rest -> sizes.indices.map { size -> rest.map { it[size] }.average() } }.orEmpty()
        val random = sizes.indices.map { size -> List(draws) { draw -> drawn(measured, size, draw) }.filterNotNull() }
        return CircuitRecord(
            edges = graph.size(),
            sizes = sizes,
            connected = folds.map { fold -> fold.sets.curve.map { EdgeSelection.pruned(graph, it).cardinality() } },
            ranked = folds.map { it.sets.order.take(named(it.sets)).map(graph::label) },
            random = if (draws == 0) emptyList() else random,
            without = without,
            leftOut = folds.mapNotNull { it.leftOut },
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

    /** Returns the numbers of several kinds of circuits by size and kind, kinds without any left out. */
    private fun byKind(
        axis: String,
        kinds: Map<String, List<List<Double?>>>,
    ): Pair<List<AxisSpec>, List<List<Double?>>> {
        val known = kinds.filterValues { rows -> rows.any { row -> row.any { it != null } } }
        val axes = (bySize + AxisSpec(axis, known.keys.toList())).take(if (known.size > 1) 2 else 1)
        return axes to contrasts.indices.map { i -> sizes.indices.flatMap { size -> known.values.map { it[i][size] } } }
    }

    /** Returns faithfulness by size, beside that of random circuits. */
    private fun curve(
        measured: List<Measured>,
        rows: List<List<Double>>,
        shares: CircuitShares,
    ): Result {
        val random = measured.map { one -> one.means(one.sets.random).map { it?.minus(one.corrupted) } }
        val own = rows.mapIndexed { i, row -> row.map { it - measured[i].corrupted } }
        val (axes, changes) = byKind("circuit", mapOf(CHOSEN to own, RANDOM to random))
        val kind = ResultKind.CircuitFaithfulness
        return shares.withRatios(shares.of("faithfulness", kind, "faithfulness", axes, changes))
    }

    /** Returns how much of the difference is lost without the circuit's edges, beside faithfulness. */
    private fun completeness(
        measured: List<Measured>,
        shares: CircuitShares,
    ): Result? {
        val rest = rest(measured) ?: return null
        val own = rest.mapIndexed { i, row -> row.map { measured[i].clean - it } }
        val random = measured.map { one -> one.means(one.sets.randomRest).map { it?.let { mean -> one.clean - mean } } }
        val faithful = measured.map { one -> one.of(one.sets.curve).map { it - one.corrupted } }
        val kinds = mapOf("completeness" to own, "faithfulness" to faithful, "completeness of $RANDOM" to random)
        val (axes, changes) = byKind("measure", kinds)
        val kind = ResultKind.CircuitCompleteness
        return shares.withRatios(shares.of("completeness", kind, "completeness", axes, changes))
    }

    /** Returns how faithfulness changes if a part of the circuit is taken out alone. */
    private fun minimality(
        measured: List<Measured>,
        shares: CircuitShares,
        rounding: Double,
    ): Result? {
        val apart = spec.minimality ?: return null
        val at = sizes.indexOf(apart.size)
        val parts = folds.flatMap { it.sets.parts.keys }.distinct()
        val changes =
            measured.map { one ->
                val whole = one.of(one.sets.curve[at])
                parts.map { part -> one.sets.parts[part]?.let { one.of(it) - whole } }
            }
        val axis = AxisSpec(apart.by.name.lowercase(), parts)
        val metric = "change of faithfulness"
        val result = shares.of("minimality", ResultKind.CircuitMinimality, metric, listOf(axis), changes)
        val faithful = faithful(measured, measured.map { listOf(it.of(it.sets.curve[at])) }).single()
        return result.copy(minimality = shares.judged(result, faithful, rounding))
    }

    private fun notes(): List<String> =
        listOfNotNull(
            when {
                spec.kept != null -> {
                    null
                }

                spec.halves -> {
                    val by = on.spec.inference?.clusters ?: Grouping.Subject
                    "Edges were ranked on one half of the ${by.words}s and measured on the other, both ways."
                }

                on.spec.analysis(spec.edges!!).contrasts == spec.contrasts -> {
                    SAME_EXAMPLES
                }

                else -> {
                    null
                }
            },
        )

    private companion object {
        const val CHOSEN = "circuit"
        const val RANDOM = "random circuits"
        const val SAME_EXAMPLES =
            "Edges were ranked on the examples that they are measured on; halves = true separates the two."
    }
}
