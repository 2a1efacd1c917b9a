package dev.kausal.run.inference

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec

/** Returns the result of measuring [rows], [example, cell]; non-finite numbers count as not measured. */
internal fun measured(
    name: String,
    kind: ResultKind,
    metric: String,
    axes: List<AxisSpec>,
    examples: List<String>,
    rows: List<List<Double?>>,
): Result {
    val finite = rows.map { Numbers.of(it) }
    return Result(
        name = name,
        kind = kind,
        metric = metric,
        axes = axes,
        examples = examples,
        shape = axes.map { it.labels.size },
        perExample = finite,
        mean = meanOver(finite),
    )
}

/**
 * Returns the mean difference between the clean run and the other unedited run (the corrupted one if there are
 * several), in units of the plain metric; null if [baseline] lacks either.
 */
internal fun meanGap(baseline: Map<String, List<Double?>>): Double? {
    val clean = baseline[RunSpec.Clean.label] ?: return null
    val other =
        baseline[RunSpec.Corrupted.label] ?: baseline.filterKeys { it != RunSpec.Clean.label }.values.firstOrNull()
    val gaps = clean.zip(other ?: return null) { a, b -> if (a == null || b == null) null else a - b }.filterNotNull()
    return if (gaps.isEmpty()) null else gaps.average()
}

internal fun Double.finite(): Double? = takeIf { it.isFinite() }

/** Returns the mean of each column over the rows that have it; null if none does. */
internal fun meanOver(rows: List<List<Double?>>): List<Double?> {
    if (rows.size == 1) return Numbers.of(rows.single())
    return Numbers.of(rows.firstOrNull().orEmpty().size) { column -> meanOf(rows.size) { rows[it][column] } }
}

/** Returns the mean of those of [count] numbers that are present. */
internal inline fun meanOf(
    count: Int,
    number: (Int) -> Double?,
): Double? {
    var sum = 0.0
    var present = 0
    for (i in 0 until count) {
        sum += number(i) ?: continue
        present++
    }
    return if (present == 0) null else sum / present
}
