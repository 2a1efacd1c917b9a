package dev.kausal.run.context

import dev.kausal.bundle.NumberAt
import dev.kausal.run.inference.measured
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MOST_IN_JSON
import dev.kausal.spec.NumberType
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/**
 * Receives the numbers of one example, part by part: row-major over its own axes, which may be shorter than the
 * result's.
 */
internal fun interface Row {
    /** Writes [count] numbers, starting at number [start] of the example. */
    fun write(
        start: Long,
        count: Int,
        numbers: NumberAt,
    )
}

/**
 * Returns the result of [analysis], whose numbers [read] writes example by example. Large results are streamed to a
 * file of the bundle, which is the merge's work if the run is divided.
 */
internal fun RunContext.measured(
    analysis: AnalysisSpec,
    kind: ResultKind,
    metric: String,
    size: ResultSize,
    read: (ContrastSpec, Row) -> Unit,
): Result {
    if (size.isLarge) {
        if (assignment != Assignment.All) throw PartsMissing(mapOf(analysis.name to PartsMissing.MERGE))
        return stored(analysis, kind, metric, size, read)
    }
    val box = size.axes.map { it.labels.size }
    val rows =
        numbersPerExample(analysis) { index, contrast ->
            BoxRow(size.shapes[index], box).also { read(contrast, it) }.numbers()
        }
    return measured(analysis.name, kind, metric, size.axes, contrasts(analysis).map { it.label }, rows)
}

/** The numbers of one example, in an array [box] of the longest example's shape. */
private class BoxRow(
    private val own: List<Int>,
    private val box: List<Int>,
) : Row {
    private val values = DoubleArray(box.fold(1, Math::multiplyExact)) { Double.NaN }

    override fun write(
        start: Long,
        count: Int,
        numbers: NumberAt,
    ) {
        for (i in 0 until count) values[place(start.toInt() + i)] = numbers.at(i)
    }

    private fun place(index: Int): Int {
        if (own == box) return index
        var rest = index
        var place = 0
        var step = 1
        for (axis in own.indices.reversed()) {
            place += rest % own[axis] * step
            rest /= own[axis]
            step *= box[axis]
        }
        return place
    }

    fun numbers(): Numbers = Numbers.of(values)
}

private fun RunContext.stored(
    analysis: AnalysisSpec,
    kind: ResultKind,
    metric: String,
    size: ResultSize,
    read: (ContrastSpec, Row) -> Unit,
): Result {
    val examples = contrasts(analysis).map { it.label }
    return arrays.create(analysis.name, size.type, size.axes, examples.zip(size.shapes)).use { file ->
        var bytes = 0L
        progress.beginArrays(analysis.name, megabytes(size.numbers * size.type.bytes))
        contrasts(analysis).forEachIndexed { example, contrast ->
            read(contrast) { start, count, numbers ->
                for (from in 0 until count step PART) {
                    val part = minOf(PART, count - from)
                    file.write(example, start + from, part) { numbers.at(from + it) }
                    bytes += part.toLong() * size.type.bytes
                    progress.done(megabytes(bytes))
                }
            }
        }
        progress.end()
        val written = file.finish()
        Result(
            name = analysis.name,
            kind = kind,
            metric = metric,
            axes = size.axes,
            examples = examples,
            shape = size.axes.map { it.labels.size },
            perExample = written.rows,
            mean = written.mean,
            arrays = written.arrays,
        )
    }
}

/**
 * Returns [result] with its numbers in a file if they are too many for `results.json`. Sweeps stay in memory: each
 * number costs a run, so there are never as many as activations.
 */
internal fun RunContext.inFile(result: Result): Result {
    val rows = result.perExample
    val stays = result.kind.ofEditedRuns || result.plain != null || rows.any { it.size != result.mean.size }
    if (stays || result.arrays != null || result.numbers <= MOST_IN_JSON) return result
    return arrays.create(
        result.name,
        NumberType.F64,
        result.axes,
        result.examples.map { it to result.shape },
    ).use { file ->
        rows.forEachIndexed { example, row -> file.write(example, 0, row.size) { row[it] ?: Double.NaN } }
        val written = file.finish()
        result.copy(perExample = written.rows, mean = written.mean, arrays = written.arrays)
    }
}

/** Numbers between two progress reports. */
private const val PART = 1 shl 21
private const val MEGA = 1_000_000L

private fun megabytes(bytes: Long): Int = ((bytes + MEGA - 1) / MEGA).toInt()
