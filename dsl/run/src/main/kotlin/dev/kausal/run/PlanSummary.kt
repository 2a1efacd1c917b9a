package dev.kausal.run

import dev.kausal.engine.config.Input
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.plan.Cost
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.plan.rewrite.Rewrites
import dev.kausal.engine.tensor.Tuning
import dev.kausal.run.backend.recordedBytes
import dev.kausal.run.context.Resources
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.context.Setting
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.sweep.SweepCompiler
import dev.kausal.run.sweep.SweepInputs
import dev.kausal.run.sweep.lengths
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ChosenPlace
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Measure
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.resolved
import java.util.Locale

/**
 * The cost of a run, known before any weight is read.
 *
 * @property sweeps the compiled sweeps; null if the experiment has none
 */
public class PlanSummary internal constructor(
    private val sizes: Sizes,
    private val analyses: List<Line>,
    private val sweeps: Rewrites.Compiled?,
    private val results: ResultSizes,
    private val dictionaryBytes: Long,
    private val filterBytes: Long,
    private val estimateBytes: Long,
) {
    internal class Line(
        val analysis: AnalysisSpec,
        val cells: Long,
        val rowLayers: Long,
        val flops: Double,
        val unsigned: Boolean,
    )

    private val readings = analyses.filterNot { it.analysis.isPlanned }

    private val planned: Cost? = sweeps?.run { steps().last().cost() }

    /** Returns what a run computes: with [exact], one whole pass per cell. */
    public fun record(exact: Boolean): Map<String, Long> {
        val cost = if (exact) sweeps?.before() else planned
        return mapOf(
            "cells" to analyses.sumOf { it.cells },
            "passes" to (cost?.passes() ?: 0) + readings.sumOf { it.cells },
            "rowLayers" to (cost?.rowLayers() ?: 0) + readings.sumOf { it.rowLayers },
            "groups" to (cost?.groups() ?: 0),
            "flops" to ((cost?.flops() ?: 0.0) + readings.sumOf { it.flops }).toLong(),
            "peakBytes" to peakBytes,
        )
    }

    /**
     * Peak native memory in bytes: weights (of a streamed model some layers), those of dictionaries, base runs and the
     * largest group or reading.
     */
    public val peakBytes: Long
        get() = dictionaryBytes +
            maxOf(
                planned?.peakBytes() ?: 0,
                estimateBytes,
                sizes.heldBytes() + maxOf(results.native, filterBytes),
            )

    /** Peak Java heap in bytes for the numbers of results. */
    public val heapBytes: Long get() = results.heap

    /** Size in bytes of the bundle's arrays and `results.json`. */
    public val bundleBytes: Long get() = results.arrays + results.json

    /** A sentence on the bundle's arrays; null if all numbers fit in `results.json`. */
    public val announcement: String? get() = results.announcement

    /** A sentence on a result with more numbers per example than can be read; null if there is none. */
    public val unreadable: String? get() = results.unreadable

    /** Returns one line per analysis, then the effect of each rewrite on the sweeps. */
    public fun text(): String =
        buildString {
            appendLine(row("analysis", "kind", "cells", "rows x layers", "GFLOP"))
            analyses.forEach { line ->
                val kind = kindOf(line.analysis)
                appendLine(
                    row(line.analysis.name, kind, "${line.cells}", "${line.rowLayers}", round(line.flops / GIGA)),
                )
            }
            sweeps?.let { append(rewrites(it)) }
            analyses.map { it.analysis }.filter { it.choices.isNotEmpty() }.forEach { appendLine(bounded(it)) }
            analyses.filter { it.unsigned }.forEach { appendLine(unsigned(it.analysis)) }
            appendLine("Expected results: ${results.text}")
            append("Expected peak memory: ${round(peakBytes / MEGA)} MB, weights included")
            append(if (heapBytes < SMALL_HEAP) "." else ", and ${round(heapBytes / MEGA)} MB of Java's heap.")
            if (sizes.placement().streamed()) append("\n${streamed()}")
        }

    private fun streamed(): String =
        buildString {
            append(
                "The weights (${round(
                    sizes.weightBytes() / GIGA,
                )} GB in ${sizes.precision().word()}) do not fit in memory, so each pass ",
            )
            append("reads them from their file layer by layer, the next layer while one computes")
            val held = minOf(sizes.placement().held(), sizes.layers())
            if (held > 0) append("; $held of ${sizes.layers()} layers stay in memory")
            append(".")
            planned?.let {
                val rows = it.rowLayers() / it.passedLayers().coerceAtLeast(1)
                append(" Sweeps read ${it.passedLayers()} layers, each for $rows rows on average: ")
                append("${2 * rows} operations per weight.")
            }
        }

    private fun kindOf(analysis: AnalysisSpec): String =
        when {
            analysis.isPlanned -> "sweep"
            analysis is SweepSpec -> "estimate"
            else -> "reading"
        }

    private fun unsigned(analysis: AnalysisSpec): String =
        "${analysis.name} is estimated as sizes without a sign, which only rank, in a pass per layer."

    private fun bounded(analysis: AnalysisSpec): String {
        val rankings = analysis.choices.map { it.ranking }.distinct().joinToString()
        return "${analysis.name} takes what $rankings ranks highest, known once that has run: " +
            "its cost is the most that can be."
    }

    private fun rewrites(compiled: Rewrites.Compiled): String =
        buildString {
            appendLine()
            appendLine(step("sweeps, compiled into one plan", "passes", "rows x layers", "rows x tokens", "GFLOP"))
            appendLine(step("one whole pass per cell", compiled.before()))
            compiled.steps().forEach { appendLine(step(it.rewrite().name(), it.cost())) }
            val share = 100.0 * planned!!.flops() / compiled.before().flops()
            appendLine()
            val groups = if (planned.groups() == 1L) "1 group" else "${planned.groups()} groups"
            val lanes = minOf(compiled.plan().lanes().toLong(), planned.groups())
            val beside = if (lanes > 1) ", $lanes at a time" else ""
            appendLine("The plan needs ${round(share)} % of the operations of whole passes, in $groups$beside.")
        }

    private fun step(
        name: String,
        cost: Cost,
    ) = step(
        name,
        "${cost.passes()}",
        "${cost.rowLayers()}",
        String.format(Locale.ROOT, "%.0f", cost.unembedded()),
        round(cost.flops() / GIGA),
    )

    private fun step(
        name: String,
        vararg columns: String,
    ) = name.padEnd(NAME) + columns.joinToString("") { it.padStart(COLUMN) }

    private fun row(vararg columns: String): String =
        columns
            .mapIndexed { index, text -> if (index < 2) text.padEnd(24) else text.padStart(COLUMN) }
            .joinToString("")
            .trimEnd()

    private fun round(value: Double) = String.format(Locale.ROOT, if (value >= 1) "%.1f" else "%.2g", value)

    public companion object {
        private const val GIGA = 1e9
        private const val MEGA = 1e6
        private const val SMALL_HEAP = 10_000_000L
        private const val NAME = 46
        private const val COLUMN = 15

        /**
         * Returns the summary of [spec] on a model of these [sizes] and [points].
         *
         * @param budget memory in bytes for the run beyond the weights
         * @param threads number of threads of the run
         * @param tuning tuning of the device that runs the model
         * @param images inputs for the spec's images, by name
         */
        public fun of(
            spec: ExperimentSpec,
            sizes: Sizes,
            points: HookPoints,
            budget: Long,
            threads: Int,
            tuning: Tuning,
            images: Map<String, Input> = emptyMap(),
        ): PlanSummary {
            val sets = spec.contrasts.associate { it.name to it.contrasts }
            val sweeps = spec.analyses.filterIsInstance<SweepSpec>()
            val compile = { sweep: SweepSpec ->
                val inputs = EngineInputs(images, spec.vectors)
                val given =
                    SweepInputs(points, sets.getValue(sweep.contrasts), inputs, references = sets) { Double.NaN }
                SweepCompiler(sweep.earliest(sizes.config().heads()), given, ScriptFunctions.NONE).compile().plan
            }
            val plans = sweeps.filter { it.isPlanned }.associateWith(compile)
            val lines =
                spec.analyses.map { analysis ->
                    val lengths =
                        plans[analysis]?.lengths() ?: analysis.passes(sets.getValue(analysis.contrasts)).counted()
                    line(analysis, lengths, sizes, analysis.measure(spec) is Measure.SizeOf)
                }
            val compiled =
                plans.values.takeIf { it.isNotEmpty() }?.let {
                    Rewrites.within(budget, threads, tuning).explained(SweepPlan.joined(it.toList()), points, sizes)
                }
            val setting = Setting(sizes.config(), points, spec, Resources(budget, threads, tuning))
            val exactBytes =
                sweeps.mapNotNull { it.mostExact() }.maxOfOrNull { sweep ->
                    Cost
                        .of(Rewrites.within(budget, threads, tuning).compile(compile(sweep), points, sizes))
                        .peakBytes()
                } ?: 0
            val recordedBytes =
                sweeps.mapNotNull { sweep ->
                    sweep.by?.recordedBytes(sizes, tuning, budget, sets.getValue(sweep.contrasts))
                }
                    .maxOfOrNull { sizes.heldBytes() + it } ?: 0
            val filtered = spec.contrasts.filter { it.filter != null }.flatMap { it.contrasts }
            val lengths = filtered.flatMap { listOfNotNull(it.clean, it.corrupted) }.map { it.length }
            return PlanSummary(
                sizes,
                lines,
                compiled,
                ResultSizes.of(setting),
                spec.dictionaries.sumOf { it.bytes },
                setting.promptBytes(lengths),
                maxOf(exactBytes, recordedBytes),
            )
        }

        /**
         * Returns an exact sweep of as many cells of an estimate as may be computed exactly: the first, from which most
         * rows follow.
         */
        private fun SweepSpec.mostExact(): SweepSpec? =
            exact?.let { copy(by = null, exact = null, cells = cells.take(it.top + it.sample)) }

        /** Returns the sweep as if the first heads and layers were chosen, from which most rows have to be computed. */
        private fun SweepSpec.earliest(heads: Int): SweepSpec =
            copy(
                cells =
                    cells.map { cell ->
                        cell.resolved { choice ->
                            val ranks = choice.rank?.let(::listOf) ?: List(choice.count) { it }
                            ranks.map {
                                if (choice.layers ||
                                    choice.features
                                ) {
                                    ChosenPlace(it, null)
                                } else {
                                    ChosenPlace(it / heads, it % heads)
                                }
                            }
                        }
                    },
            )

        private fun List<Int>.counted(): Map<Int, Long> = groupingBy { it }.eachCount().mapValues { it.value.toLong() }

        /** @param lengths number of passes by length of the prompt */
        private fun line(
            analysis: AnalysisSpec,
            lengths: Map<Int, Long>,
            sizes: Sizes,
            unsigned: Boolean,
        ): Line {
            val rowLayers = lengths.entries.sumOf { (length, count) -> length * count } * sizes.layers()
            val flops =
                lengths.entries.sumOf { (length, count) ->
                    length.toDouble() * count * sizes.layers() * sizes.rowFlops(length)
                }
            return Line(analysis, lengths.values.sum(), rowLayers, flops, unsigned)
        }
    }
}

/** Whether the compiled plan computes it; estimates and readings are counted apart. */
private val AnalysisSpec.isPlanned: Boolean get() = this is SweepSpec && by == null
