package dev.kausal.run.sweep

import dev.kausal.engine.exec.NonFinite
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.run.context.CompiledSweep
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.finite
import dev.kausal.run.inference.meanGap
import dev.kausal.run.inference.meanOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.continuations
import dev.kausal.run.inputs.value
import dev.kausal.spec.Average
import dev.kausal.spec.Bfloat16Screening
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.NumberList
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueRange
import dev.kausal.statistics.Ratio
import dev.kausal.statistics.Ratios
import dev.kausal.statistics.Sample

/** Turns a sweep's outcomes into its [Result]: averages samples of noise, normalises, audits changes. */
internal class SweepResult(
    private val sweep: SweepSpec,
    private val contrasts: List<ContrastSpec>,
    private val compiled: CompiledSweep,
    private val outcomes: List<CellOutcome>,
    private val terms: Int,
    private val noise: Noise,
    private val firstNonFinite: (Int) -> NonFinite? = { null },
) {
    private val baseline: Map<RunSpec, List<Double>> =
        compiled.baselines.mapValues { (_, examples) -> examples.mapIndexed(::value) }

    /** Whether cells are sizes of changes, to which no value of an unedited run belongs. */
    private val unsigned = sweep.by?.unsigned == true
    private val recovery = sweep.metric is MetricSpec.Recovery
    private val together = (sweep.metric as? MetricSpec.Recovery)?.average == Average.RatioOfMeans
    private val plain: List<NumberList> =
        compiled.grid.mapIndexed { example, cells -> Numbers.of(cells.size) { value(example, cells[it]) } }

    /** The clean minus the other run of each example, by the latter; null if either is not finite. */
    private val gaps: Map<RunSpec, List<Double?>> =
        baseline.mapValues { (_, other) ->
            baseline.getValue(RunSpec.Clean).zip(other) { clean, value -> (clean - value).finite() }
        }

    /** The runs that cells edit, and the number of each cell's. */
    private val edited: List<RunSpec> = sweep.cells.map { it.run }.distinct()
    private val editedOf: IntArray =
        edited.withIndex().associate { it.value to it.index }.let { numbers ->
            IntArray(sweep.cells.size) { numbers.getValue(sweep.cells[it].run) }
        }

    /** For each run that cells start from, which examples have a clean run far enough from it to give a scale. */
    private val scaled: Map<RunSpec, List<Boolean>> =
        edited.map { it.floor }.distinct().filter { it in baseline }.associateWith { run ->
            Ratios.usable(gaps.getValue(run))
        }

    /** Returns the note on examples whose clean run gives no scale for recovery from [run]. */
    private fun leftOut(
        run: RunSpec,
        usable: List<Boolean>,
    ): String? {
        // Non-finite values have a note of their own.
        val measured = gaps.getValue(run)
        val out = contrasts.indices.filter { !usable[it] && measured[it] != null }
        if (out.isEmpty()) return null
        val labels = out.map { contrasts[it].label }.distinct()
        val more = if (labels.size > NAMED) " and ${labels.size - NAMED} more" else ""
        val named = labels.take(NAMED).joinToString() + more
        val percent = (100 * Ratios.SMALL).toInt()
        return "Left out: ${out.size} of ${usable.size} examples, whose clean run exceeds the ${run.label} one by " +
            "less than $percent % of the median difference: $named."
    }

    /** Returns the mean value; NaN if the example lacks the cell. */
    private fun value(
        example: Int,
        cells: List<Int>,
    ): Double {
        val contrast = contrasts[example]
        val each = cells.chunked(sweep.metric.continuations(contrast).size)
        return each.map { of -> sweep.metric.value(contrast, of.map { outcomes[it].value() }) }.average()
    }

    /** Returns unedited runs of up to [examples] examples of each kind, one draw each of those with noise. */
    fun unedited(examples: Int): List<NoiseFloors.Unedited> {
        val step = maxOf(1, (contrasts.size + examples - 1) / examples)
        val some = contrasts.indices.filter { it % step == 0 }
        return compiled.baselines.flatMap { (run, cells) ->
            some.mapNotNull { example ->
                val contrast = contrasts[example]
                val first = cells[example].take(sweep.metric.continuations(contrast).size)
                if (first.isEmpty()) return@mapNotNull null
                val values = first.map { outcomes[it].value() }
                val planned = first.map { compiled.plan.cells()[it] }
                NoiseFloors.Unedited(compiled.plan, planned, values, contrast, run, sweep.metric.plain)
            }
        }
    }

    /** The rounding error of its numbers, once measured. */
    var rounding: NoiseFloor? = null

    /** Which cells are in float32, if some are in bfloat16. */
    var bfloat16: Bfloat16Screening? = null

    /** Returns the result with its [inference]. */
    fun result(inference: Inference?): Result {
        val result = measured().copy(rounding = rounding, estimate = sweep.by, bfloat16 = bfloat16)
        if (inference == null) return result
        // An estimate is no measurement of the effect: its examples say how it varies, but not that there is an effect.
        val tested = { _: Int -> sweep.by == null }
        if (recovery) {
            val terms = recovered.takeIf { together }
            return inference.of(result, contrasts, recovered = terms, explained = 1.0, tested = tested)
        }
        if (unsigned) return inference.of(result, contrasts, tested = tested)
        val scale = gaps[RunSpec.Corrupted]
        val range = if (sweep.by == null) sweep.metric.plain.range else ValueRange.ANY // Estimates may leave it.
        return inference.of(result, contrasts, unedited(), scale, null, explained(result), tested, range)
    }

    /**
     * Returns the total to explain: the mean difference of the clean and the other run. Without another run it is the
     * clean run's own value, or 1: the whole of a probability or share, or one nat.
     */
    private fun explained(result: Result): Double? {
        meanGap(result.baseline)?.let { return it }
        return when (sweep.metric.plain) {
            MetricSpec.LogitDifference, MetricSpec.Logit, is MetricSpec.Named -> null
            else -> 1.0
        }
    }

    /** Returns the mean of the plain metric over the cells of the example at [row]; null if it has none. */
    fun plainMean(row: Int): Double? = plain[row].let { values -> meanOf(values.size) { values[it] } }

    /** Mean change of the plain metric from the unedited run by cell, or its size if that is estimated; null if no example has it. */
    val changes: List<Double?>
        get() {
            val each = eachChange
            return Numbers.of(sweep.cells.size) { cell -> meanOf(each.size) { each[it][cell] } }
        }

    /** The same by example and cell. */
    val eachChange: List<List<Double?>>
        get() = unedited().zip(plain) { unedited, row -> Numbers.of(row.size) { row.at(it) - unedited.at(it) } }

    /** Returns the plain metric of the run that each cell edits [example, cell]. */
    private fun unedited(): List<NumberList> {
        if (unsigned) return contrasts.map { Numbers.of(sweep.cells.size) { 0.0 } }
        return byRun { baseline.getValue(it) }
    }

    /** Returns of each example what its run has [example, cell], as [of] tells by run and example. */
    private fun byRun(of: (RunSpec) -> List<Double?>): List<NumberList> {
        val all = edited.map(of)
        return contrasts.indices.map { example ->
            NumbersByKind(all.map { it[example]?.finite() ?: Double.NaN }.toDoubleArray(), editedOf)
        }
    }

    private fun measured(): Result {
        val perExample = if (recovery) normalised() else plain
        val audits = OutcomeAudit(sweep, contrasts, compiled, outcomes, terms, firstNonFinite)
        val result =
            measured(
                sweep.name,
                ResultKind.Sweep,
                if (unsigned) Measure.SizeOf(sweep.metric).text else sweep.metric.text,
                sweep.axes,
                contrasts.map {
                    it.label
                },
                perExample,
            )
        return result.copy(
            mean = if (together) ratiosOfMeans() else result.mean,
            plain = plain.takeIf { recovery },
            baseline = baseline.entries.associate { (run, values) ->
                run.label to Numbers.of(values.size) { values[it] }
            },
            audit = audits.all,
            cellAudit = audits.cells,
            notes = notes(audits),
        )
    }

    /** Normalises: 0 is the corrupted (or noised) run of the same example, 1 its clean run. */
    private fun normalised(): List<NumberList> =
        recovered.changes.zip(recovered.gaps) { changes, gaps ->
            Numbers.of(changes.size) { changes.at(it) / gaps.at(it) }
        }

    /** The terms of recoveries; null if an example lacks the cell or a scale. */
    private val recovered: Inference.Recovered by lazy {
        val from = byRun { baseline.getValue(it.floor) }
        val gaps = byRun { run ->
            gaps.getValue(run.floor).zip(scaled.getValue(run.floor)) { gap, has -> gap.takeIf { has } }
        }
        val changes =
            plain.mapIndexed { example, values ->
                val gap = gaps[example]
                Numbers.of(values.size) { cell ->
                    if (gap.at(cell).isNaN()) null else values.at(cell) - from[example].at(cell)
                }
            }
        Inference.Recovered(changes, gaps.zip(changes) { gap, change -> NumbersWhere(gap, change) })
    }

    private fun ratiosOfMeans(): List<Double?> {
        val ratios = Ratio(Sample(recovered.changes), Sample(recovered.gaps))
        return Numbers.of(ratios.cells) { ratios.value(it) }
    }

    private fun notes(audits: OutcomeAudit): List<String> =
        buildList {
            val audit = audits.all
            if (audit.cells > 0 && audit.unchanged == audit.cells) {
                add(
                    "No intervention changed an activation beyond float32 rounding: all numbers are the unedited " +
                        "run's.",
                )
            } else if (audit.unchanged > 0) {
                add(
                    "${audit.unchanged} of ${audit.cells} cells changed no activation beyond float32 rounding.",
                )
            }
            val absent = compiled.grid.sumOf { row -> row.count { it.isEmpty() } }
            addAll(audits.notFinite())
            if (absent > 0) add("$absent cells have no value: their prompts lack the token.")
            if (recovery) addAll(scaled.mapNotNull { (run, usable) -> leftOut(run, usable) })
            val noised = edited.filterIsInstance<RunSpec.Noised>()
            noised.mapTo(this) { noise.sentence(it, sweep.contrasts) }
        }

    private companion object {
        /** Number of left-out examples that are named. */
        const val NAMED = 5
    }
}
