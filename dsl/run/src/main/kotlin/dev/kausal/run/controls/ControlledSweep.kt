package dev.kausal.run.controls

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.inference.finite
import dev.kausal.run.sweep.keeps
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.statistics.Ratios

/**
 * A sweep whose controls run at one of its cells.
 *
 * @param strongest index of that cell, the one with the largest effect: an artefact there would show up in the result
 * @param contrasts the examples that were swept
 * @param result the sweep's result
 * @param layers number of layers of the model
 */
internal class ControlledSweep(
    val sweep: SweepSpec,
    val strongest: Int,
    val contrasts: List<ContrastSpec>,
    val result: Result,
    val layers: Int,
    val seed: Long,
) {
    /** The strongest cell. */
    val cell: CellSpec = sweep.cells[strongest]

    /** The run that all edits of the cell patch from; null if there is none, or it is the edited run itself. */
    val source: RunSpec? =
        cell.edits.filterNot { it.keeps(cell.run) }.map { (it.value as? ValueSpec.From)?.run }.distinct().singleOrNull()

    /** Whether the sweep's numbers are recoveries. */
    val recovers: Boolean = sweep.metric is MetricSpec.Recovery

    /** The sweep's noise floor, in the units of its metric. */
    val floor: Double get() = checkNotNull(result.rounding).floor

    /** Returns a request of [cells] on [contrasts], measured by the metric itself where the sweep measures recovery. */
    fun asked(
        cells: List<CellSpec>,
        contrasts: List<ContrastSpec> = this.contrasts,
    ): SweepRequest {
        val metric = (sweep.metric as? MetricSpec.Recovery)?.of ?: sweep.metric
        val asked = sweep.copy(metric = metric, axes = emptyList(), cells = cells, exact = null, screen = null)
        return SweepRequest(asked, contrasts)
    }

    /** Returns [value] minus the metric of the unedited run; null if that was not measured. */
    fun change(
        example: Int,
        value: Double,
    ): Double? = result.baseline.getValue(cell.run.label)[example]?.let { value - it }

    /** Returns [value] as the sweep's own recovery; null if the sweep has no scale in [example]. */
    fun recovery(
        example: Int,
        value: Double,
    ): Double? {
        if (result.perExample[example][strongest] == null) return null
        return share(if (cell.run == RunSpec.Clean) RunSpec.Corrupted else cell.run, RunSpec.Clean, example, value)
    }

    /** Returns [value]'s share of the way between two unedited runs; null if they are too close for a scale. */
    fun share(
        from: RunSpec,
        towards: RunSpec,
        example: Int,
        value: Double,
    ): Double? {
        val gaps = gaps(from, towards)
        if (!Ratios.usable(gaps)[example]) return null
        return ((value - result.baseline.getValue(from.label)[example]!!) / gaps[example]!!).finite()
    }

    /** Returns by example the difference of the metric between two unedited runs. */
    fun gaps(
        from: RunSpec,
        towards: RunSpec,
    ): List<Double?> {
        val start = result.baseline.getValue(from.label)
        val end = result.baseline.getValue(towards.label)
        return start.zip(end) { a, b -> if (a == null || b == null) null else b - a }
    }
}
