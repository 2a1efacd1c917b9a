package dev.kausal.run.inference

import dev.kausal.spec.Average
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Numbers
import dev.kausal.spec.Order
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.contrastsOf
import dev.kausal.spec.group
import dev.kausal.statistics.Rounding
import dev.kausal.statistics.Sample
import java.util.concurrent.ConcurrentHashMap
import kotlin.math.abs

/** Effects of a result's cells by example, from which rankings are made. */
internal class Rankings(
    private val spec: ExperimentSpec,
    private val results: Map<String, Result>,
) {
    /** Returns the examples of the rows of [name]. */
    fun contrasts(name: String): List<ContrastSpec> = spec.analysis(name).examples(spec)

    /** Returns the set that [name] was measured on. */
    fun measuredOn(name: String): List<ContrastSpec> = spec.contrastsOf(spec.analysis(name))

    /** Returns the result called [name]. */
    fun result(name: String): Result = results.getValue(name)

    /**
     * Returns the change from the unedited run [example, cell], or the value itself if 0 means no effect. The mean over
     * examples is the result's own mean minus that of the unedited run.
     */
    fun effects(name: String): List<List<Double?>> {
        val result = result(name)
        val sweep = spec.analysis(name) as? SweepSpec ?: return result.perExample
        if (sweep.by?.unsigned == true) return result.perExample
        val recovery = sweep.metric as? MetricSpec.Recovery
        if (recovery != null) {
            val together = recovery.average == Average.RatioOfMeans
            val changes =
                result.perExample.map { row -> Numbers.of(row.size) { row[it]?.minus(full(sweep, it)) } }
            return if (together) recovered(sweep, result, changes) else changes
        }
        return result.perExample.mapIndexed { example, row ->
            Numbers.of(row.size) { cell ->
                val base = result.baseline.getValue(sweep.cells[cell].run.label)[example]
                row[cell]?.let { value -> base?.let { value - it } }
            }
        }
    }

    /**
     * Returns each example's change in units of the mean difference of the runs, so that examples with a small
     * difference do not dominate.
     *
     * @param changes in units of the example's own difference
     */
    private fun recovered(
        sweep: SweepSpec,
        result: Result,
        changes: List<List<Double?>>,
    ): List<List<Double?>> {
        val clean = result.baseline.getValue(RunSpec.Clean.label)
        val gaps =
            result.perExample.mapIndexed { example, row ->
                Numbers.of(row.size) { cell ->
                    val low = result.baseline.getValue(sweep.cells[cell].run.floor.label)[example]
                    row[cell]?.let { clean[example]?.minus(low ?: return@let null) }
                }
            }
        val means = meanOver(gaps)
        return changes.mapIndexed { example, row ->
            Numbers.of(row.size) { cell ->
                val value = row[cell]
                val gap = gaps[example][cell]
                val mean = means[cell]
                if (value == null || gap == null || mean == null) null else value * gap / mean
            }
        }
    }

    /** Returns the recovery of the unedited run that [cell] edits: 1 for the clean one. */
    private fun full(
        sweep: SweepSpec,
        cell: Int,
    ): Double = if (sweep.cells[cell].run == RunSpec.Clean) 1.0 else 0.0

    private val aboveRounding = ConcurrentHashMap<String, List<List<Double?>>>()

    /** Returns the effects of [name], clustered, with 0 for those explained by rounding, which therefore tie. */
    fun sample(
        name: String,
        by: Grouping,
    ): Sample = Sample(aboveRounding(name), contrasts(name).map { it.group(by) })

    private fun aboveRounding(name: String): List<List<Double?>> =
        aboveRounding.getOrPut(name) {
            val result = result(name)
            Rounding.removed(
                Sample(effects(name)),
                result.perExample,
                result.rounding?.let {
                    it.floor / unit(name)
                },
            ).values
        }

    /** Returns one unit of [effects] in the plain metric: for recoveries, the mean difference of the runs. */
    private fun unit(name: String): Double {
        val recovers = (spec.analysis(name) as? SweepSpec)?.metric is MetricSpec.Recovery
        return if (recovers) meanGap(result(name).baseline)?.let { abs(it) } ?: 1.0 else 1.0
    }

    /** Returns whether no effect of [name] exceeds rounding, so that there is nothing to rank by. */
    fun allTied(name: String): Boolean = aboveRounding(name).all { row -> row.all { it == null || it == 0.0 } }

    /**
     * Returns the cells of [name] from the top, by the mean over the examples that [counts]; none if no effect exceeds
     * rounding. Cells whose effects rounding explains count as 0, and keep the order of the grid.
     */
    fun ranked(
        name: String,
        order: Order,
        counts: (ContrastSpec) -> Boolean,
    ): List<Int> {
        val contrasts = contrasts(name)
        val means = meanOver(aboveRounding(name).filterIndexed { example, _ -> counts(contrasts[example]) })
        val scored = means.indices.filter { means[it] != null }
        if (scored.all { means[it] == 0.0 }) return emptyList()
        return when (order) {
            Order.Strongest -> scored.sortedByDescending { abs(means[it]!!) }
            Order.Highest -> scored.sortedByDescending { means[it]!! }
            Order.Lowest -> scored.sortedBy { means[it]!! }
        }
    }
}

/** Returns the note on a result without effects to rank by. */
internal fun unranked(name: String): String = "No effect of $name is above rounding, so it ranks nothing."
