package dev.kausal.run.backend

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.SweepSpec
import kotlinx.serialization.Serializable

/**
 * A sweep and the examples that it goes over.
 *
 * @property contrasts the whole set, which means and donors of resampling are taken from
 * @property sources for each example the contrast whose runs its patches read; its own if null
 * @property measured which of the set's examples are measured; all if null
 * @property references other sets whose clean runs means are taken over, by name
 */
@Serializable
public data class SweepRequest(
    val sweep: SweepSpec,
    val contrasts: List<ContrastSpec>,
    val sources: List<ContrastSpec>? = null,
    val measured: List<Int>? = null,
    val references: Map<String, List<ContrastSpec>> = emptyMap(),
) {
    /** The examples that have a row in the result. */
    val examples: List<ContrastSpec> get() = measured?.map { contrasts[it] } ?: contrasts
}

/**
 * A part of sweeps that are computed together, as data: the plan's cells from [first] to [last]. Shards of one plan follow each
 * other, example by example of each sweep, and their outcomes in the journal's form are what a run keeps.
 *
 * @property spec the experiment as it was declared, which the strength of noise is measured on
 * @property title names the sweeps
 * @property index number of the shard
 */
@Serializable
public data class Shard(
    val spec: ExperimentSpec,
    val title: String,
    val sweeps: List<SweepRequest>,
    val index: Int,
    val first: Int,
    val last: Int,
) {
    /** What the journal calls it. */
    val part: String get() = "$title-$index"

    /** Number of cells. */
    val cells: Int get() = last - first + 1
}
