package dev.kausal.run.backend

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.SweepSpec
import kotlinx.serialization.Serializable

/**
 * A sweep with its examples.
 *
 * @property contrasts the whole set, from which means and resampling donors are taken
 * @property sources for each example, the contrast whose runs its patches read; its own if null
 * @property measured indices of the measured examples; all if null
 * @property references other sets whose clean runs are averaged, by name
 */
@Serializable
public data class SweepRequest(
    val sweep: SweepSpec,
    val contrasts: List<ContrastSpec>,
    val sources: List<ContrastSpec>? = null,
    val measured: List<Int>? = null,
    val references: Map<String, List<ContrastSpec>> = emptyMap(),
) {
    /** The examples with a row in the result. */
    val examples: List<ContrastSpec> get() = measured?.map { contrasts[it] } ?: contrasts
}

/**
 * A part of sweeps that are computed together, as data: the plan's cells from [first] to [last]. Shards of one plan are
 * consecutive, example by example of each sweep, and a run keeps their outcomes in the journal's form.
 *
 * @property spec the experiment as declared, which determines the strength of noise
 * @property title title of the sweeps
 * @property index number of the shard
 * @property bfloat16 whether products are in bfloat16 although the model is in float32
 */
@Serializable
public data class Shard(
    val spec: ExperimentSpec,
    val title: String,
    val sweeps: List<SweepRequest>,
    val index: Int,
    val first: Int,
    val last: Int,
    val bfloat16: Boolean = false,
) {
    /** Name in the journal. */
    val part: String get() = "$title-$index"

    /** How its cells are estimated; null if they are computed. All sweeps of a shard agree. */
    val by: EstimateSpec? get() = sweeps.first().sweep.by

    /** Number of cells. */
    val cells: Int get() = last - first + 1
}
