package dev.kausal.compile

import dev.kausal.engine.plan.CellOutcome
import dev.kausal.spec.Audit
import dev.kausal.spec.CellAudit
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.statistics.Ratios

/** Turns a sweep's outcomes into its [Result]: averages samples of noise, normalises, counts what was changed. */
internal class SweepResult(
    private val sweep: SweepSpec,
    private val contrasts: List<ContrastSpec>,
    private val compiled: CompiledSweep,
    private val outcomes: List<CellOutcome>,
    private val terms: Int,
    private val noise: Noise,
) {
    private val baseline: Map<RunSpec, List<Double>> =
        compiled.baselines.mapValues { (_, examples) -> examples.map { value(it) } }

    private val recovery = sweep.metric is MetricSpec.Recovery
    private val plain = compiled.grid.map { example -> example.map { value(it) } }

    /** For each run that cells start from, whether an example's clean run is far enough from it to be a scale. */
    private val scaled: Map<RunSpec, List<Boolean>> =
        sweep.cells.map { floor(it.run) }.distinct().filter { it in baseline }.associateWith { run ->
            Ratios.usable(gaps(run))
        }

    /** Not a number where the example has no such cell. */
    private fun value(cells: List<Int>): Double = cells.map { measured(outcomes[it].value()) }.average()

    /** The engine measures the logit difference where its sign alone is asked for. */
    private fun measured(value: Double): Double =
        if (sweep.metric.plain == MetricSpec.Accuracy) (if (value > 0) 1.0 else 0.0) else value

    private val MetricSpec.plain: MetricSpec get() = (this as? MetricSpec.Recovery)?.of ?: this

    private fun gaps(run: RunSpec): List<Double?> =
        baseline.getValue(RunSpec.Clean).zip(baseline.getValue(run)) { clean, other -> (clean - other).finite() }

    /** Unedited runs of up to [examples] examples of each kind, one draw each of those with noise. */
    fun unedited(examples: Int): List<NoiseFloors.Unedited> {
        val step = maxOf(1, (contrasts.size + examples - 1) / examples)
        val some = contrasts.indices.filter { it % step == 0 }
        return compiled.baselines.flatMap { (run, cells) ->
            some.mapNotNull { example ->
                val cell = cells[example].firstOrNull() ?: return@mapNotNull null
                val value = outcomes[cell].value()
                val its = compiled.plan.cells()[cell]
                NoiseFloors.Unedited(compiled.plan, its, value, contrasts[example], run, sweep.metric.plain)
            }
        }
    }

    /** How far rounding moves its numbers, once that is known. */
    var rounding: NoiseFloor? = null

    /** The result, with what [inference] says of it. */
    fun result(inference: Inference?): Result {
        val result = measured().copy(rounding = rounding)
        if (inference == null) return result
        if (recovery) return inference.of(result, contrasts)
        return inference.of(result, contrasts, unedited(), RunSpec.Corrupted.takeIf { it in baseline }?.let(::gaps))
    }

    /** Mean of the plain metric over the cells of the example at [row]; null where it has none. */
    fun plainMean(row: Int): Double? = plain[row].mapNotNull { it.finite() }.takeIf { it.isNotEmpty() }?.average()

    /** The plain metric of the run that each cell edits, [example, cell]. */
    private fun unedited(): List<List<Double?>> =
        contrasts.indices.map { example -> sweep.cells.map { baseline.getValue(it.run)[example].finite() } }

    private fun measured(): Result {
        val perExample = if (recovery) plain.mapIndexed(::normalised) else plain
        val audit = audit()
        val result =
            measured(sweep.name, "sweep", sweep.metric.text, sweep.axes, contrasts.map { it.label }, perExample)
        return result.copy(
            plain = plain.map { row -> row.map { it.finite() } }.takeIf { recovery },
            baseline = baseline.entries.associate { (run, values) -> run.label to values.map { it.finite() } },
            audit = audit,
            cellAudit = cellAudit(),
            notes = notes(audit, perExample),
        )
    }

    /** The run that a recovery of 0 stands for. */
    private fun floor(run: RunSpec): RunSpec = run.takeIf { it != RunSpec.Clean } ?: RunSpec.Corrupted

    /** 0 is the corrupted (or noised) run of the same example, 1 its clean run. */
    private fun normalised(
        example: Int,
        values: List<Double>,
    ): List<Double> =
        values.mapIndexed { cell, value ->
            val run = floor(sweep.cells[cell].run)
            val corrupted = baseline.getValue(run)[example]
            val clean = baseline.getValue(RunSpec.Clean)[example]
            if (scaled.getValue(run)[example]) (value - corrupted) / (clean - corrupted) else Double.NaN
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
            fired = cells.map { its -> its.flatten().sumOf { outcomes[it].fired() } },
            unchanged = cells.map { its -> its.count(::unchanged) },
            largestChange = cells.map { largestChange(it.flatten()) },
        )
    }

    private fun notes(
        audit: Audit,
        perExample: List<List<Double>>,
    ): List<String> =
        buildList {
            if (audit.cells > 0 && audit.unchanged == audit.cells) {
                add(
                    "None of the interventions changed any activation by more than float32 rounding: every number " +
                        "here is the unedited run's.",
                )
            } else if (audit.unchanged > 0) {
                add(
                    "${audit.unchanged} of ${audit.cells} cells left every activation as it was, up to float32 " +
                        "rounding: what they put in place was already there.",
                )
            }
            val absent = compiled.grid.sumOf { row -> row.count { it.isEmpty() } }
            if (absent > 0) add("$absent cells have no value: their prompts have no such token.")
            val undefined = perExample.sumOf { row -> row.count { !it.isFinite() } } - absent
            if (undefined > 0) {
                add(
                    "$undefined cells have no value: clean and corrupted runs score the same, or nearly so " +
                        "beside the " +
                        "other examples, so there is no scale.",
                )
            }
            val noised = sweep.cells.map { it.run }.filterIsInstance<RunSpec.Noised>().distinct()
            noised.mapTo(this) { noise.sentence(it, sweep.contrasts) }
        }
}

/** A run's name in results. */
internal val RunSpec.label: String get() =
    when (this) {
        RunSpec.Clean -> "clean"
        RunSpec.Corrupted -> "corrupted"
        is RunSpec.Noised -> "noised"
    }

internal fun Double.finite(): Double? = takeIf { it.isFinite() }

/** Mean of each column over the rows that have it; null where none has. */
internal fun meanOver(rows: List<List<Double?>>): List<Double?> =
    rows.firstOrNull().orEmpty().indices.map { column ->
        rows.mapNotNull { it[column] }.takeIf { it.isNotEmpty() }?.average()
    }
