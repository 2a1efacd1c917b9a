package dev.kausal.compile

import dev.kausal.engine.plan.CellOutcome
import dev.kausal.spec.Audit
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec

/** Turns a sweep's outcomes into its [Result]: averages samples of noise, normalises, counts what was changed. */
internal class SweepResult(
    private val sweep: SweepSpec,
    private val contrasts: List<ContrastSpec>,
    private val compiled: CompiledSweep,
    private val outcomes: List<CellOutcome>,
) {
    private val baseline: Map<RunSpec, List<Double>> =
        compiled.baselines.mapValues { (_, examples) -> examples.map { value(it) } }

    private fun value(cells: List<Int>): Double = cells.map { outcomes[it].value() }.average()

    fun result(): Result {
        val plain = compiled.grid.map { example -> example.map { value(it) } }
        val recovery = sweep.metric is MetricSpec.Recovery
        val perExample = if (recovery) plain.mapIndexed(::normalised) else plain
        val audit = audit()
        return Result(
            name = sweep.name,
            kind = "sweep",
            metric = sweep.metric.text,
            axes = sweep.axes,
            examples = contrasts.map { it.label },
            shape = sweep.axes.map { it.labels.size },
            perExample = perExample.map { row -> row.map { it.finite() } },
            plain = plain.map { row -> row.map { it.finite() } }.takeIf { recovery },
            baseline = baseline.entries.associate { (run, values) -> run.label to values.map { it.finite() } },
            mean = meanOver(perExample.map { row -> row.map { it.finite() } }),
            audit = audit,
            notes = notes(audit, perExample),
        )
    }

    /** 0 is the corrupted (or noised) run of the same example, 1 its clean run. */
    private fun normalised(
        example: Int,
        values: List<Double>,
    ): List<Double> =
        values.mapIndexed { cell, value ->
            val run = sweep.cells[cell].run.takeIf { it != RunSpec.Clean } ?: RunSpec.Corrupted
            val corrupted = baseline.getValue(run)[example]
            val clean = baseline.getValue(RunSpec.Clean)[example]
            (value - corrupted) / (clean - corrupted)
        }

    private fun audit(): Audit {
        val edited = compiled.grid.flatten()
        val unchanged = edited.count { cells -> cells.all { outcomes[it].largestChange() == 0.0 } }
        return Audit(
            cells = edited.size,
            fired = edited.flatten().sumOf { outcomes[it].fired() },
            unchanged = unchanged,
            largestChange = edited.flatten().maxOfOrNull { outcomes[it].largestChange() } ?: 0.0,
        )
    }

    private fun notes(
        audit: Audit,
        perExample: List<List<Double>>,
    ): List<String> =
        buildList {
            if (audit.cells > 0 && audit.unchanged == audit.cells) {
                add("None of the interventions changed any activation: every number here is the unedited run's.")
            } else if (audit.unchanged > 0) {
                add(
                    "${audit.unchanged} of ${audit.cells} cells left every activation as it was: what they put in " +
                        "place was already there.",
                )
            }
            val undefined = perExample.sumOf { row -> row.count { !it.isFinite() } }
            if (undefined > 0) {
                add("$undefined cells have no value: clean and corrupted runs score the same, so there is no scale.")
            }
            val samples = sweep.cells.map { it.run }.filterIsInstance<RunSpec.Noised>().map { it.samples }
            samples.maxOrNull()?.let { add("Noised runs are averages over $it draws of noise.") }
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
