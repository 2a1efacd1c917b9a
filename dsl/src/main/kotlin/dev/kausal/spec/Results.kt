package dev.kausal.spec

import kotlinx.serialization.Serializable

/** `results.json`: every number of a run. A value that was not computed is null, never 0. */
@Serializable
public data class Results(
    val schema: Int = ExperimentSpec.SCHEMA,
    val results: List<Result>,
)

/**
 * The numbers of one analysis. Arrays are row-major over [axes].
 *
 * @property kind the analysis' serial name: `sweep`, `directLogitAttribution`, `attention`, `logitLens`, `capture`
 * @property metric what the numbers are, such as `recovery(logitDifference)`; units of logits unless it says otherwise
 * @property examples one label per row of [perExample]
 * @property shape length of each axis
 * @property perExample [example, cell]; null where an example has no such cell (a shorter prompt's last positions)
 * @property plain the metric before normalisation, [example, cell], where [metric] is a normalised one; else null
 * @property baseline the plain metric of the unedited runs by name (`clean`, `corrupted`, `noised`), [example]
 * @property mean over the examples that have the cell
 * @property top per example and cell the likeliest next tokens (logit lens); else null
 * @property groups of each value of the first axis, the cluster that it belongs to; null where there are none
 * @property audit how often the interventions fired and whether they changed anything; null where there were none
 * @property checks what was computed in a second way, with the largest absolute difference
 * @property notes what a reader must know of these numbers, in sentences
 */
@Serializable
public data class Result(
    val name: String,
    val kind: String,
    val metric: String,
    val axes: List<AxisSpec>,
    val examples: List<String>,
    val shape: List<Int>,
    val perExample: List<List<Double?>>,
    val plain: List<List<Double?>>? = null,
    val baseline: Map<String, List<Double?>> = emptyMap(),
    val mean: List<Double?>,
    val ciLow: List<Double?> = emptyList(),
    val ciHigh: List<Double?> = emptyList(),
    val pValue: List<Double?> = emptyList(),
    val top: List<List<List<LikelyToken>>>? = null,
    val groups: List<Int>? = null,
    val audit: Audit? = null,
    val checks: Map<String, Double> = emptyMap(),
    val notes: List<String> = emptyList(),
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
 * @property unchanged cells whose edits left every value as it was (a patch of equal activations)
 * @property largestChange largest absolute change that an edit made to an activation
 */
@Serializable
public data class Audit(
    val cells: Int,
    val fired: Int,
    val unchanged: Int,
    val largestChange: Double,
)

/** `environment.json`: where and how the numbers came about. */
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
)
