package dev.kausal.reports.result

import dev.kausal.reports.words.labelWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownLabel
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.measure
import kotlin.math.abs

/** A result with its analysis: names of its cells, and their baselines. */
internal class ResultGrid private constructor(
    val result: Result,
    val analysis: AnalysisSpec?,
    val set: ContrastSetSpec?,
    /** Quantity of the cells. */
    val measure: Measure,
    /** Half-width of the scale around [centre], if it is shared with other figures. */
    val scale: Double? = null,
) {
    constructor(result: Result, spec: ExperimentSpec) : this(
        result,
        analysisOf(result, spec),
        spec.contrasts.find { it.name == (result.set ?: analysisOf(result, spec)?.contrasts) },
        spec.measure(result),
    )

    /** Returns the same result on a scale of half-width [scale]. */
    fun onScale(scale: Double?): ResultGrid = ResultGrid(result, analysis, set, measure, scale)

    /** Returns where [cell] is, in words; `the only cell` if there are no axes. */
    fun where(cell: Int): String = words(cell).ifEmpty { "the only cell" }

    /** Returns [other] numbers of the same analysis, which measure [measured]. */
    fun with(
        other: Result,
        measured: Measure = measure,
    ): ResultGrid = ResultGrid(other, analysis, set, measured)

    /** The blocks behind the cells, if the result is too large to show; else null. */
    val blocks: Blocks? = result.mean as? Blocks

    val axes: List<AxisSpec> = result.axes
    val sizes: List<Int> = axes.map { it.labels.size }
    val cells: Int = sizes.fold(1) { a, b -> a * b }

    /** Whether 0 is the corrupted run and 1 the clean one. A custom metric is not a recovery, whatever its name. */
    val isRecovery: Boolean = (measure as? Measure.Of)?.metric is MetricSpec.Recovery

    /** Whether the cells keep some of the recovery that the unedited clean run has in full: 1 is no effect, and 0 is not. */
    val losesRecovery: Boolean = isRecovery && (analysis as? SweepSpec)?.run == RunSpec.Clean

    /** Whether cells are values of edited runs, to be compared with the unedited one. */
    val ofEditedRuns: Boolean = result.kind.ofEditedRuns && measure !is Measure.SizeOf

    /** Metric of the unedited runs. */
    val plain: Measure =
        analysis?.baseline?.let(Measure::Of) ?: when (measure) {
            is Measure.Of -> Measure.Of(measure.metric.plain)
            is Measure.ChangeOf -> Measure.Of(measure.metric)
            is Measure.SizeOf -> Measure.Of(measure.metric)
            is Measure.DifferenceOf, is Measure.Quantity -> measure
        }

    /** The unedited run that the cells start from: `clean`, `corrupted` or `noised`. */
    val run: String = (analysis?.run ?: RunSpec.Clean).label

    /** The run at which a recovery is 0. */
    val floor: String = (analysis?.run ?: RunSpec.Clean).floor.label

    /** Value of a cell without effect. */
    val centre: Double =
        when {
            isRecovery -> 0.0
            ofEditedRuns -> baseline(run) ?: 0.0
            else -> measure.range.neutral
        }

    fun baseline(name: String): Double? =
        result.baseline[name]?.filterNotNull()?.takeIf { it.isNotEmpty() }?.average()

    /** Returns the change of a cell from the unedited run, or its value if 0 means no effect. */
    fun effect(cell: Int): Double? = if (result.change == null) mean(cell) else result.change!!.mean.getOrNull(cell)

    /** Returns the confidence interval of [effect]. */
    fun interval(cell: Int): Pair<Double, Double>? {
        val low = (result.change?.ciLow ?: result.ciLow).getOrNull(cell) ?: return null
        val high = (result.change?.ciHigh ?: result.ciHigh).getOrNull(cell) ?: return null
        return low to high
    }

    fun mean(cell: Int): Double? = result.mean.getOrNull(cell)?.takeIf { it.isFinite() }

    fun index(place: List<Int>): Int = place.foldIndexed(0) { i, at, k -> at * sizes[i] + k }

    fun place(cell: Int): List<Int> {
        var rest = cell
        return sizes.indices.reversed().map { i -> (rest % sizes[i]).also { rest /= sizes[i] } }.reversed()
    }

    /** Returns the slice of each label of the first axis. */
    fun slices(): List<Pair<String, ResultGrid>> =
        axes.first().labels.mapIndexed { i, label ->
            val size = cells / sizes.first()

            fun part(all: List<Double?>) = all.subList(minOf(i * size, all.size), minOf((i + 1) * size, all.size))
            val one = result.copy(
                axes = axes.drop(1),
                shape = sizes.drop(1),
                perExample = result.perExample.map { part(it) },
                plain = result.plain?.map { part(it) },
                mean = part(result.mean),
                ciLow = part(result.ciLow),
                ciHigh = part(result.ciHigh),
                pValue = part(result.pValue),
            )
            label to ResultGrid(one, analysis, set, measure)
        }

    /** Returns the input of a row of numbers; null if rows are not inputs, such as a mean over images. */
    fun prompt(example: Int): PromptSpec? {
        val contrasts = set?.contrasts.orEmpty()
        val contrast = if (contrasts.size == result.examples.size) contrasts.getOrNull(example) else null
        return if (run == "corrupted") contrast?.corrupted else contrast?.clean
    }

    /** Returns the displayed name of an example: the beginning of a long text. */
    fun exampleName(example: Int): String {
        val name = result.examples.getOrElse(example) { "example ${example + 1}" }
        return if (name.length <= LONG_NAME) name else name.take(LONG_NAME).trimEnd() + "\u2026"
    }

    /**
     * Returns the displayed name of the input of the cells' run: the example, and the run unless it is the clean one.
     */
    fun inputName(example: Int): String {
        val name = exampleName(example)
        if (run == "clean") return name
        val text = prompt(example)?.takeIf { it.image != null }?.text
        val own = text != null && text != name && run != "noised"
        return if (own) "$text, the $run run of $name" else "$name, $run run"
    }

    /** The kind of all edits, if it is a sweep. */
    val editKind: EditKind by lazy { editKindOf(analysis) }

    /** What tests say of the cells. */
    val tested: TestedCells by lazy { TestedCells(this) }

    /** Whether no cell has a value. */
    val isEmpty: Boolean by lazy { (0 until cells).none { mean(it) != null } }

    /** The first of [strongest]; null if no cell has a value. */
    val strongestCell: Int? by lazy { cellOfMost { cell -> mean(cell)?.let { abs(it - centre) } } }

    /** Returns the first cell with the largest [number]; null if that is null for all cells. */
    fun cellOfMost(number: (Int) -> Double?): Int? {
        var best = -1
        var most = Double.NEGATIVE_INFINITY
        for (cell in 0 until cells) {
            val value = number(cell) ?: continue
            if (best >= 0 && value <= most) continue
            best = cell
            most = value
        }
        return best.takeIf { it >= 0 }
    }

    /** Cells with a value, ordered by distance from [centre], largest first. */
    val strongest: List<Int> by lazy {
        (0 until cells).filter { mean(it) != null }.sortedByDescending { abs(mean(it)!! - centre) }
    }

    /** The cell with the highest value; null if none was computed. */
    val highest: Int? by lazy { cellOfMost(::mean) }

    /** Returns the displayed labels of an axis. */
    fun marked(axis: Int): List<Label> {
        val subject = if (axes[axis].name == "position") subject() else null
        return axes[axis].labels.mapIndexed { i, label ->
            Label(shownLabel(axes[axis].name, label), subject != null && i in subject)
        }
    }

    /** Returns the labels of an axis as text; positions of the subject end with `*`. */
    fun labels(axis: Int): List<String> = marked(axis).map { it.shown }

    /** Returns index and label of [cell] on each axis; for a block, those of its strongest number. */
    fun origin(cell: Int): List<Pair<Int, String>> {
        val of = blocks?.axes ?: axes
        return (blocks?.place(cell) ?: place(cell)).mapIndexed { axis, i -> i to of[axis].labels[i] }
    }

    /** Describes the cell: `layer 5, position 3 (the)`; for a block, its strongest number. */
    fun words(cell: Int): String =
        origin(cell).mapIndexed { axis, (i, label) -> labelWords(axes[axis].name, i, label) }.joinToString()

    /** The file of the bundle with all of its numbers. */
    val file: String get() = result.arrays?.file ?: "results.json"

    /** Returns the positions of the subject, if they are the same in every prompt of the set. */
    private fun subject(): IntRange? {
        val ranges = set?.contrasts.orEmpty().map { it.clean.subject }.distinct()
        return ranges.singleOrNull()?.let { it.first..it.last }
    }

    private companion object {
        const val LONG_NAME = 160

        fun analysisOf(
            result: Result,
            spec: ExperimentSpec,
        ): AnalysisSpec? = spec.analyses.find { it.name == result.name || result.name.startsWith("${it.name}.") }
    }
}

/**
 * A label of an axis.
 *
 * @property ofSubject whether it is one of the subject's positions
 */
internal class Label(
    val text: String,
    val ofSubject: Boolean,
) {
    /** The text, with an asterisk if it belongs to the subject. */
    val shown: String get() = if (ofSubject) "$text *" else text
}
