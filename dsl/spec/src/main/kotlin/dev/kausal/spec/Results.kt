package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.Serializable

/**
 * `results.json`: every number of a run. A value that was not computed is null, never 0.
 *
 * @property filters the outcomes of the contrast sets' filters
 * @property missingBlanks contrasts whose answers may lack their leading blank, with the numbers of both forms
 * @property bfloat16 how far the model's outputs are from float32, if its products are in bfloat16
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class Results(
    val schema: Int = ExperimentSpec.SCHEMA,
    val results: List<Result>,
    val filters: List<FilterResult> = emptyList(),
    val missingBlanks: List<MissingBlank> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val bfloat16: PrecisionError? = null,
)

/**
 * The numbers of one analysis. Arrays are row-major over [axes].
 *
 * @property kind kind of analysis, such as `sweep`, `directLogitAttribution`, `attention`, `logitLens`, `capture`
 * @property metric what is measured, such as `recovery(logitDifference)`; in units of logits unless it says otherwise
 * @property examples one label per row of [perExample]
 * @property shape length of each axis
 * @property perExample [example, cell]; null if an example lacks the cell (for example a shorter prompt's last
 *   positions)
 * @property plain the metric before normalisation [example, cell] if [metric] is normalised; else null
 * @property baseline the plain metric of the unedited runs by name (`clean`, `corrupted`, `noised`) [example]
 * @property mean over the examples that have the cell
 * @property median over the examples that have the cell
 * @property standardError standard error of [mean], robust to dependence within clusters
 * @property ciLow lower end of the confidence interval of [mean]; null if the data allow none
 * @property pValue two-sided p of "no effect" by sign flips: for [change], or for [mean] if that is null
 * @property pCorrected [pValue] corrected for multiple cells, according to [inference]
 * @property change change from the unedited run, paired by example; null if [mean] itself is 0 without an effect
 * @property effect mean change divided by the mean difference of the clean and the corrupted run; null if that
 *   difference is too small to divide by
 * @property smallest smallest effect of interest, in the units of the effect; null if undefined
 * @property inference how intervals and p were computed; null if switched off or not applicable
 * @property top most likely next tokens per example and cell (logit lens); else null
 * @property groups cluster of each value of the first axis; null if there are none
 * @property audit how often the interventions fired and whether they changed anything; null without interventions
 * @property checks largest absolute differences from a second computation
 * @property cellAudit audit of each cell
 * @property controls runs with a known outcome, and comparisons
 * @property rounding error of these numbers; null if no run was repeated to measure it
 * @property notes caveats on these numbers, in sentences
 * @property randomSets random sets that a joint ablation's chosen heads are compared with; else null
 * @property pairs changes by an interaction's heads alone and in pairs; else null
 * @property chosen heads or layers that were taken from other results
 * @property ablations ablations of a debugged prediction, in the order of the first axis; else null
 * @property estimate how the numbers were estimated; null if they are exact
 * @property exact of an estimate, the exact values of the cells that were computed too, as [perExample]; null where a cell
 *   was not, or without such cells
 * @property screening how far [perExample] and [exact] are apart
 * @property bfloat16 which cells are in float32, and how far bfloat16 is from it there; null if all are in the run's precision
 * @property edges the strongest edges, and sums by kind; null if cells are no edges
 * @property circuit how circuits were chosen; null if cells are no circuits
 * @property faithfulness mean metric of each circuit minus that of the corrupted runs, divided by the difference of clean and
 *   corrupted runs; null if cells are no circuits
 * @property completeness 1 minus the faithfulness of the model without the circuit's edges, by size; null if it was not measured
 * @property minimality what a circuit loses without each of its parts; null if cells are no such parts
 * @property ratios of faithfulness and completeness, means of the examples' own ratios; null if cells are neither
 * @property cpr area under the faithfulness of circuits by signed scores, at MIB's sizes
 * @property cmd area between 1 and the faithfulness of circuits by absolute scores, at MIB's sizes
 * @property roc how well each ranking recovers known edges; null if none are known
 * @property texts texts that were written [example, cell, draw]; null if cells are no texts
 * @property directions fitted directions, and the file that has them; null if none were fitted
 * @property alignment accuracy of trained subspaces beside their controls; null if none were trained
 * @property probe AUROC of a probe's controls; null if it is none
 * @property dose the metric under a dose response's controls; null if it is none
 * @property set name of the set that its examples belong to, if it is not that of its analysis
 * @property overlap heads that two rankings have in common, for each size of the tops; null if nothing is compared
 * @property graphs attribution graphs, by example; null if cells are no scores of such
 * @property use what a dictionary finds and reconstructs; null if cells are no features
 * @property arrays the file of the bundle that has the numbers, if they are too many for `results.json`, where
 *   [perExample] and [mean] are then empty; of a result that is computed or read, these two are its numbers all the
 *   same
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
    val perExample: List<PackedNumbers>,
    val plain: List<PackedNumbers>? = null,
    val baseline: Map<String, PackedNumbers> = emptyMap(),
    val mean: PackedNumbers,
    val ciLow: PackedNumbers = emptyList(),
    val ciHigh: PackedNumbers = emptyList(),
    val pValue: PackedNumbers = emptyList(),
    val pCorrected: PackedNumbers = emptyList(),
    val median: PackedNumbers = emptyList(),
    val standardError: PackedNumbers = emptyList(),
    val change: Change? = null,
    val effect: PackedNumbers = emptyList(),
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
    val estimate: EstimateSpec? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val exact: List<PackedNumbers>? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val screening: Screening? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val bfloat16: Bfloat16Screening? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val edges: EdgeSummary? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val circuit: CircuitRecord? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val faithfulness: List<Double?>? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val completeness: List<Double?>? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val minimality: MinimalityRecord? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val ratios: ExampleRatios? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val cpr: Double? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val cmd: Double? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val roc: List<RocRecord>? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val texts: List<List<List<GeneratedText>>>? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val directions: DirectionRecord? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val alignment: AlignmentRecord? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val probe: ProbeControls? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val dose: DoseControls? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val set: String? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val overlap: List<OverlapRecord>? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val use: DictionaryUse? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val graphs: List<FeatureGraphRecord>? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val arrays: StoredArrays? = null,
) {
    /** Files of the bundle that belong to it, with their SHA-256. */
    public val files: List<Pair<String, String>>
        get() = listOfNotNull(arrays?.let { it.file to it.sha256 }, directions?.let { it.file to it.sha256 })

    /** Number of values in [perExample], including absent ones. */
    val numbers: Long get() = perExample.sumOf { it.size.toLong() }

    /** Returns the result as stored in `results.json`: with the reference to its [arrays] instead of their numbers. */
    public fun written(): Result = if (arrays == null) this else copy(perExample = emptyList(), mean = emptyList())
}

/**
 * Change of each cell from the unedited run of the same example: arrays over cells.
 *
 * The interval of the change is narrower than that of the value itself if examples differ more than the edit's effect.
 */
@Serializable
public data class Change(
    val mean: PackedNumbers,
    val standardError: PackedNumbers,
    val ciLow: PackedNumbers,
    val ciHigh: PackedNumbers,
)

/**
 * How intervals and p were computed.
 *
 * @property clusters number of groups of examples that were drawn and flipped together
 * @property by what the examples of a group have in common
 * @property flips number of sign assignments examined
 * @property exact whether these are all possible ones, so that p is exact
 * @property also what else repeats across examples: dependence in both ways is allowed for
 * @property results number of tested results that [Result.pCorrected] is corrected for, this one included
 * @property share whether the interval of the mean is that of a share
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
 * The effects of a sweep's interventions on activations, over all examples.
 *
 * @property cells examples × grid cells
 * @property fired number of edits that reached their hook point; equal to the edits declared, or the run fails
 * @property unchanged number of cells whose edits left every value unchanged, up to float32 rounding (a patch of equal
 *   activations)
 * @property largestChange largest absolute change of an activation by an edit
 */
@Serializable
public data class Audit(
    val cells: Int,
    val fired: Int,
    val unchanged: Int,
    val largestChange: Double,
)

/** The audit of each cell, over all examples: arrays over cells, with [Audit]'s meaning. */
@Serializable
public data class CellAudit(
    val fired: PackedInts,
    val unchanged: PackedInts,
    val largestChange: PackedDoubles,
)

/**
 * `environment.json`: where and how the numbers were computed.
 *
 * @property command the command line of the run; empty if it was none of the command line
 * @property memory memory in bytes allowed to the run beyond the weights: it determines which cells share a matrix
 *   product
 * @property sha256 SHA-256 of the bundle's other files, to detect changes
 * @property streamed whether weights were read layer by layer during each pass, as they did not fit in memory
 * @property device where the model computed, such as `cpu` or `cuda:0`
 * @property dictionaries absolute paths of the weights of [ExperimentSpec.dictionaries], where a later check looks for them first
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
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
    val streamed: Boolean = false,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val device: String = "cpu",
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val dictionaries: List<String> = emptyList(),
)
