package dev.kausal.run.sweep

import dev.kausal.engine.exec.NonFinite
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.run.context.CompiledSweep
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.finite
import dev.kausal.run.inference.meanGap
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.continuations
import dev.kausal.run.inputs.labelsAt
import dev.kausal.run.inputs.value
import dev.kausal.spec.Audit
import dev.kausal.spec.Average
import dev.kausal.spec.Bfloat16Screening
import dev.kausal.spec.CellAudit
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.NoiseFloor
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
    private val plain = compiled.grid.mapIndexed { example, cells -> cells.map { value(example, it) } }

    /** For each run that cells start from, which examples have a clean run far enough from it to give a scale. */
    private val scaled: Map<RunSpec, List<Boolean>> =
        sweep.cells.map { it.run.floor }.distinct().filter { it in baseline }.associateWith { run ->
            Ratios.usable(gaps(run))
        }

    /** Returns the note on examples whose clean run gives no scale for recovery from [run]. */
    private fun leftOut(
        run: RunSpec,
        usable: List<Boolean>,
    ): String? {
        // Non-finite values have a note of their own.
        val measured = gaps(run)
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

    private fun gaps(run: RunSpec): List<Double?> =
        baseline.getValue(RunSpec.Clean).zip(baseline.getValue(run)) { clean, other -> (clean - other).finite() }

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
        val scale = RunSpec.Corrupted.takeIf { it in baseline }?.let(::gaps)
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
    fun plainMean(row: Int): Double? = plain[row].mapNotNull { it.finite() }.takeIf { it.isNotEmpty() }?.average()

    /** Mean change of the plain metric from the unedited run by cell, or its size if that is estimated; null if no example has it. */
    val changes: List<Double?>
        get() {
            val each = eachChange
            return sweep.cells.indices.map { cell ->
                each.mapNotNull { it[cell] }.takeIf { it.isNotEmpty() }?.average()
            }
        }

    /** The same by example and cell. */
    val eachChange: List<List<Double?>>
        get() = unedited().mapIndexed { row, unedited ->
            unedited.mapIndexed { cell, from -> from?.let { (plain[row][cell] - it).finite() } }
        }

    /** Returns the plain metric of the run that each cell edits [example, cell]. */
    private fun unedited(): List<List<Double?>> =
        contrasts.indices.map { example ->
            sweep.cells.map { if (unsigned) 0.0 else baseline.getValue(it.run)[example].finite() }
        }

    private fun measured(): Result {
        val perExample = if (recovery) plain.mapIndexed(::normalised) else plain
        val audit = audit()
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
            plain = plain.map { row -> row.map { it.finite() } }.takeIf { recovery },
            baseline = baseline.entries.associate { (run, values) -> run.label to values.map { it.finite() } },
            audit = audit,
            cellAudit = cellAudit(),
            notes = notes(audit),
        )
    }

    /** Normalises: 0 is the corrupted (or noised) run of the same example, 1 its clean run. */
    private fun normalised(
        example: Int,
        values: List<Double>,
    ): List<Double> =
        values.indices.map { cell ->
            val change = recovered.changes[example][cell]
            val gap = recovered.gaps[example][cell]
            if (change == null || gap == null) Double.NaN else change / gap
        }

    /** The terms of recoveries; null if an example lacks the cell or a scale. */
    private val recovered: Inference.Recovered by lazy {
        val changes =
            plain.mapIndexed { example, values ->
                values.mapIndexed { cell, value ->
                    val run = sweep.cells[cell].run.floor
                    if (scaled.getValue(run)[example]) (value - baseline.getValue(run)[example]).finite() else null
                }
            }
        val gaps =
            changes.mapIndexed { example, row ->
                row.mapIndexed { cell, change -> change?.let { gaps(sweep.cells[cell].run.floor)[example] } }
            }
        Inference.Recovered(changes, gaps)
    }

    private fun ratiosOfMeans(): List<Double?> {
        val ratios = Ratio(Sample(recovered.changes), Sample(recovered.gaps))
        return List(ratios.cells) { ratios.value(it) }
    }

    private fun audit(): Audit {
        val edited = compiled.grid.flatten().filter { it.isNotEmpty() }
        val unchanged = edited.count(::unchanged)
        return Audit(
            cells = edited.size,
            fired = edited.flatten().sumOf { outcomes[it].fired() },
            unchanged = unchanged,
            largestChange = largestChange(edited.flatten()),
        )
    }

    private fun unchanged(cells: List<Int>): Boolean =
        cells.isNotEmpty() && cells.all { outcomes[it].unchanged(terms) }

    private fun largestChange(cells: List<Int>): Double = cells.maxOfOrNull { outcomes[it].largestChange() } ?: 0.0

    private fun cellAudit(): CellAudit {
        val cells = sweep.cells.indices.map { cell -> compiled.grid.map { it[cell] } }
        return CellAudit(
            fired = cells.map { indices -> indices.flatten().sumOf { outcomes[it].fired() } },
            unchanged = cells.map { indices -> indices.count(::unchanged) },
            largestChange = cells.map { largestChange(it.flatten()) },
        )
    }

    private fun notes(audit: Audit): List<String> =
        buildList {
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
            addAll(notFinite())
            if (absent > 0) add("$absent cells have no value: their prompts lack the token.")
            if (recovery) addAll(scaled.mapNotNull { (run, usable) -> leftOut(run, usable) })
            val noised = sweep.cells.map { it.run }.filterIsInstance<RunSpec.Noised>().distinct()
            noised.mapTo(this) { noise.sentence(it, sweep.contrasts) }
        }

    /** Returns the notes on unedited runs and cells with NaN or infinity, and where the first of them began. */
    private fun notFinite(): List<String> {
        val runs =
            compiled.baselines.mapNotNull { (run, examples) ->
                notFinite("${run.label} runs", examples) { "'${contrasts[it].label}'" }
            }
        val width = sweep.cells.size
        val cells =
            notFinite("cells", compiled.grid.flatten()) {
                val labels = sweep.axes.labelsAt(it % width)
                (labels + "'${contrasts[it / width].label}'").joinToString()
            }
        return runs + listOfNotNull(cells)
    }

    private fun notFinite(
        what: String,
        all: List<List<Int>>,
        name: (Int) -> String,
    ): String? {
        val bad = all.indices.filter { index -> all[index].any(::isNotFinite) }
        val first = bad.firstOrNull() ?: return null
        val found = firstNonFinite(all[first].first(::isNotFinite))
        val where =
            found?.let { "starts at ${it.point().name()}, where ${it.values()} of ${it.of()} values are not finite" }
                ?: "comes from the metric: all activations are finite"
        val computed = all.count { it.isNotEmpty() }
        return "${bad.size} of $computed $what are NaN or infinite and count as missing. " +
            "The first, ${name(first)}, $where."
    }

    private fun isNotFinite(cell: Int) = !outcomes[cell].value().isFinite()

    private companion object {
        /** Number of left-out examples that are named. */
        const val NAMED = 5
    }
}
