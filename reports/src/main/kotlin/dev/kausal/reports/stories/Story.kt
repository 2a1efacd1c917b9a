package dev.kausal.reports.stories

import dev.kausal.reports.figure.isClustered
import dev.kausal.reports.figure.mapFindings
import dev.kausal.reports.figure.ofPatches
import dev.kausal.reports.figure.shapeKind
import dev.kausal.reports.figure.specialisationFinding
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Inferred
import dev.kausal.spec.ResultKind
import kotlin.reflect.KClass

/** The sentences of a report on results of one kind. */
internal interface ResultStory {
    val kind: ResultKind

    /** Whether its cells can be listed image by image. */
    val listedByImage: Boolean get() = false

    /** Returns the default title of a figure. */
    fun title(grid: ResultGrid): String =
        listOf(metricWords(grid.measure), grid.axes.joinToString(" by ") { it.name })
            .filter { it.isNotEmpty() }
            .joinToString(", ")

    /** Returns the default kind of figure. */
    fun figure(grid: ResultGrid): FigureKind = shapeKind(grid)

    /** Returns the findings of a result with numbers, other than on patches. */
    fun findings(grid: ResultGrid): List<String> = listOf(rangeFinding(grid))

    /** Returns the main finding, in a sentence or two, for the summary. */
    fun headline(grid: ResultGrid): String = allFindings(grid).firstOrNull().orEmpty()

    /** Returns the conclusions that [inferred] supports. */
    fun evidence(
        grid: ResultGrid,
        inferred: Inferred,
    ): List<String> = emptyList()

    /** Describes how intervals and p were computed; null if there are none. */
    fun inference(grid: ResultGrid): String? = inferenceSentence(grid)
}

/** The sentences of a report on analyses of one class of specs, and on their results. */
internal interface Story<S : AnalysisSpec> : ResultStory {
    val spec: KClass<S>

    /** Returns the method of [spec] in sentences. */
    fun method(spec: S): String

    /** The part of the method shared by all analyses of this class, stated once per page; null if there is none. */
    val background: String? get() = null

    /** Returns the definition of the metric of [spec]; null if [method] defines it. */
    fun metric(spec: S): String? = null

    /** Stories of the additional results of the analysis. */
    val parts: List<ResultStory> get() = emptyList()
}

/** Returns the findings of [grid], whatever its shape. */
internal fun ResultStory.allFindings(grid: ResultGrid): List<String> =
    when {
        grid.isEmpty -> listOf("No value of ${grid.result.name} was computed.")
        isClustered(grid) -> listOf(specialisationFinding(grid))
        ofPatches(grid) -> mapFindings(grid)
        else -> findings(grid)
    }

/** Describes the smallest and the largest value, with their cells, or the only one. */
internal fun rangeFinding(grid: ResultGrid): String {
    val what = metricWords(grid.measure).ifEmpty { "value" }.replaceFirstChar { it.uppercase() }
    val high = grid.highest!!
    val low = grid.cellOfMost { cell -> grid.mean(cell)?.unaryMinus() }!!

    fun value(cell: Int) = number(grid.mean(cell)) + grid.words(cell).let { if (it.isEmpty()) "" else " ($it)" }
    val from = if (grid.mean(low) == grid.mean(high)) "" else "${value(low)} to "
    return "$what: $from${value(high)}."
}
