package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.Serializable

/**
 * `results.json`: every number of a run. A value that was not computed is null, never 0.
 *
 * @property filters what the filters of contrast sets kept
 * @property missingBlanks contrasts whose answers may lack their leading blank, with the numbers of both forms
 */
@Serializable
public data class Results(
    val schema: Int = ExperimentSpec.SCHEMA,
    val results: List<Result>,
    val filters: List<FilterResult> = emptyList(),
    val missingBlanks: List<MissingBlank> = emptyList(),
)

/**
 * The numbers of one analysis. Arrays are row-major over [axes].
 *
 * @property kind of analysis: `sweep`, `directLogitAttribution`, `attention`, `logitLens`, `capture`
 * @property metric what the numbers are, such as `recovery(logitDifference)`; units of logits unless it says otherwise
 * @property examples one label per row of [perExample]
 * @property shape length of each axis
 * @property perExample [example, cell]; null if an example has no such cell (a shorter prompt's last positions)
 * @property plain the metric before normalisation, [example, cell], where [metric] is a normalised one; else null
 * @property baseline the plain metric of the unedited runs by name (`clean`, `corrupted`, `noised`), [example]
 * @property mean over the examples that have the cell
 * @property median over the examples that have the cell
 * @property standardError of [mean], robust to dependence within clusters
 * @property ciLow lower end of the confidence interval of [mean]; null if the data allow none
 * @property pValue of "no effect", two-sided, by sign flips: of [change], or of [mean] where that is null
 * @property pCorrected [pValue] corrected for looking at all cells, as [inference] says
 * @property change from the unedited run, paired by example; null if [mean] itself is 0 without an effect
 * @property effect mean change in units of the mean difference of the clean and the corrupted run; null if that
 *   difference is too small to divide by
 * @property smallest an effect below it is none, however sure its sign: in the units of the effect; null if nothing sets it
 * @property inference how the intervals and p were computed; null if they were switched off or make no sense
 * @property top per example and cell the likeliest next tokens (logit lens); else null
 * @property groups of each value of the first axis, the cluster that it belongs to; null if there are none
 * @property audit how often the interventions fired and whether they changed anything; null if there were none
 * @property checks largest absolute differences from a second computation
 * @property cellAudit the same for each cell
 * @property controls runs with a known outcome, and comparisons
 * @property rounding error of these numbers due to float32; null if no run was repeated to measure it
 * @property notes caveats on these numbers, in sentences
 * @property randomSets the random sets that a joint ablation's chosen heads are placed among; else null
 * @property pairs changes by an interaction's heads alone and in pairs; else null
 * @property chosen heads or layers that were taken from other results
 * @property ablations ablations of a debugged prediction, in the order of the first axis; else null
 * @property arrays the file of the bundle that has the numbers, if they are too many for `results.json`, where [perExample]
 *   and [mean] are then empty; of a result that is computed or read, these two are its numbers all the same
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class Result(
    val name: String,
    val kind: ResultKind,
    val metric: String,
    val axes: List<AxisSpec>,
    val examples: List<String>,
    val shape: List<Int>,
    val perExample: List<
        @Serializable(with = NumbersSerializer::class)
        List<Double?>,
    >,
    val plain: List<List<Double?>>? = null,
    val baseline: Map<String, List<Double?>> = emptyMap(),
    @Serializable(with = NumbersSerializer::class)
    val mean: List<Double?>,
    val ciLow: List<Double?> = emptyList(),
    val ciHigh: List<Double?> = emptyList(),
    val pValue: List<Double?> = emptyList(),
    val pCorrected: List<Double?> = emptyList(),
    val median: List<Double?> = emptyList(),
    val standardError: List<Double?> = emptyList(),
    val change: Change? = null,
    val effect: List<Double?> = emptyList(),
    val smallest: Double? = null,
    val inference: Inferred? = null,
    val top: List<List<List<LikelyToken>>>? = null,
    val groups: List<Int>? = null,
    val audit: Audit? = null,
    val checks: Map<String, Double> = emptyMap(),
    val cellAudit: CellAudit? = null,
    val controls: List<Control> = emptyList(),
    val rounding: NoiseFloor? = null,
    val notes: List<String> = emptyList(),
    val randomSets: RandomSets? = null,
    val pairs: PairEffects? = null,
    val ablations: List<PredictionAblation>? = null,
    val chosen: List<Chosen> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val arrays: StoredArrays? = null,
) {
    /** How many numbers [perExample] has, absent ones included. */
    val numbers: Long get() = perExample.sumOf { it.size.toLong() }

    /** Returns what `results.json` has of it: the reference to its [arrays] instead of their numbers. */
    public fun written(): Result = if (arrays == null) this else copy(perExample = emptyList(), mean = emptyList())
}

/**
 * Change of each cell from the unedited run of the same example: arrays over cells.
 *
 * An interval of the change is narrower than that of the value itself where examples differ more than the edit does.
 */
@Serializable
public data class Change(
    val mean: List<Double?>,
    val standardError: List<Double?>,
    val ciLow: List<Double?>,
    val ciHigh: List<Double?>,
)

/**
 * How intervals and p came about.
 *
 * @property clusters groups of examples that were drawn and flipped together
 * @property by what the examples of a group have in common
 * @property flips assignments of signs that were looked at
 * @property exact whether these are all there are, so that p is exact
 * @property also what else examples have in common, where it repeats: dependence in both ways is allowed for
 * @property results results with tests that [Result.pCorrected] is corrected for, this one included
 * @property share whether the interval of the mean is one of a share
 */
@Serializable
public data class Inferred(
    val level: Double,
    val interval: IntervalKind,
    val clusters: Int,
    val by: Grouping,
    val flips: Int,
    val exact: Boolean,
    val correction: Correction,
    val also: List<Grouping> = emptyList(),
    val results: Int = 1,
    val share: Boolean = false,
)

/** A token and its probability. */
@Serializable
public data class LikelyToken(
    val token: String,
    val probability: Double,
)

/**
 * What the interventions of a sweep did, over all examples.
 *
 * @property cells examples × grid cells
 * @property fired edits that reached their hook point; equal to the edits declared, or the run fails
 * @property unchanged cells whose edits left every value as it was, up to float32 rounding (a patch of equal activations)
 * @property largestChange largest absolute change that an edit made to an activation
 */
@Serializable
public data class Audit(
    val cells: Int,
    val fired: Int,
    val unchanged: Int,
    val largestChange: Double,
)

/** What each cell's intervention did, over all examples: arrays over cells, with [Audit]'s meaning. */
@Serializable
public data class CellAudit(
    val fired: List<Int>,
    val unchanged: List<Int>,
    val largestChange: List<Double>,
)

/**
 * `environment.json`: where and how the numbers came about.
 *
 * @property memory bytes that a run was allowed beyond the weights: it decides which cells share a matrix product
 * @property sha256 of the bundle's other files, so that a change of one is noticed
 */
@Serializable
public data class EnvironmentRecord(
    val schema: Int = ExperimentSpec.SCHEMA,
    val kausal: String,
    val versions: Map<String, String>,
    val processor: String,
    val threads: Int,
    val dtype: String,
    val command: List<String>,
    val executor: String,
    val plan: Map<String, Long>,
    val started: String,
    val seconds: Map<String, Double>,
    val memory: Long = 0,
    val sha256: Map<String, String> = emptyMap(),
)
