package dev.kausal.reports.stories

import dev.kausal.reports.figure.isClustered
import dev.kausal.reports.figure.mapFindings
import dev.kausal.reports.figure.ofPatches
import dev.kausal.reports.figure.shapeKind
import dev.kausal.reports.figure.specialisationFinding
import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Inferred
import dev.kausal.spec.ResultKind
import kotlin.reflect.KClass

/** What a report says of the results of one kind. */
internal interface ResultStory {
    val kind: ResultKind

    /** Whether the cells for one image can be listed under it. */
    val listedByImage: Boolean get() = false

    /** What the figure is called if the script does not say. */
    fun title(grid: Grid): String =
        listOf(metricWords(grid.measure), grid.axes.joinToString(" by ") { it.name })
            .filter { it.isNotEmpty() }
            .joinToString(", ")

    /** The figure that shows the result best if the script asks for none. */
    fun figure(grid: Grid): FigureKind = shapeKind(grid)

    /** What the numbers of a result that has some, and is of no patches, say. */
    fun findings(grid: Grid): List<String> = listOf(strongestFinding(grid))

    /** The few numbers that matter, in a sentence or two: what the summary says. */
    fun headline(grid: Grid): String = told(grid).firstOrNull().orEmpty()

    /** What a careful reader may conclude, as far as it was [inferred]. */
    fun evidence(
        grid: Grid,
        inferred: Inferred,
    ): List<String> = emptyList()

    /** How intervals and p came about. */
    fun inference(grid: Grid): String? = inferenceSentence(grid)
}

/** What a report says of the analyses of one class of specs, and of their results. */
internal interface Story<S : AnalysisSpec> : ResultStory {
    val spec: KClass<S>

    /** What [spec] does, in sentences. */
    fun method(spec: S): String

    /** What is said of results that the analysis gives beside its own. */
    val parts: List<ResultStory> get() = emptyList()
}

/** What the numbers of [grid] say, in sentences written from them. */
internal fun ResultStory.told(grid: Grid): List<String> =
    when {
        grid.isEmpty -> listOf("No value of ${grid.result.name} was computed.")
        isClustered(grid) -> listOf(specialisationFinding(grid))
        ofPatches(grid) -> mapFindings(grid)
        else -> findings(grid)
    }

/** Where the largest value is. */
internal fun strongestFinding(grid: Grid): String {
    val cell = grid.strongestCell!!
    return "The largest value, ${number(grid.mean(cell))}, is at ${grid.words(cell).ifEmpty { "its only cell" }}."
}
