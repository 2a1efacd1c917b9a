package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.evidence
import dev.kausal.reports.result.found
import dev.kausal.reports.result.tooFew
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.signed
import dev.kausal.spec.DifferenceSpec
import dev.kausal.spec.Inferred
import dev.kausal.spec.ResultKind
import kotlin.math.abs

/** Effects of one result minus those of another. */
internal object DifferenceStory : Story<DifferenceSpec> {
    override val spec = DifferenceSpec::class
    override val kind = ResultKind.Difference

    override fun method(spec: DifferenceSpec): String = methodOfDifference(spec)

    override fun findings(grid: ResultGrid): List<String> = listOf(headline(grid))

    override fun headline(grid: ResultGrid): String = differenceHeadline(grid)

    override fun evidence(
        grid: ResultGrid,
        inferred: Inferred,
    ): List<String> = differenceSentences(grid)
}

/** Number of cells that a sentence names per side. */
private const val NAMED = 8

/** Names the cells whose effect is larger or smaller in one result than in the other, or states that none was found. */
private fun differenceHeadline(grid: ResultGrid): String {
    val spec = grid.analysis as? DifferenceSpec ?: return ""
    val one = unit(grid)
    val tested = (0 until grid.cells).filter { grid.effect(it) != null }
    val largest = tested.maxByOrNull { abs(grid.effect(it)!!) } ?: return "No difference was computed."
    val top = "the largest difference is at ${named(grid, largest)}"
    val few = grid.result.inference?.let(::tooFew)
    val found = found(grid)
    return when {
        grid.result.inference == null -> {
            "${spec.of} minus ${spec.minus}, not tested: $top."
        }

        few != null -> {
            "${spec.of} minus ${spec.minus}, not tested ($few): $top."
        }

        found.isEmpty() -> {
            "None of ${count(tested.size, one)} is shown to differ between ${spec.of} and ${spec.minus}; $top."
        }

        else -> {
            val (more, less) = found.partition { grid.effect(it)!! > 0 }
            listOfNotNull(
                side(grid, more, "higher", spec).takeIf { more.isNotEmpty() },
                side(grid, less, "lower", spec).takeIf { less.isNotEmpty() },
            ).joinToString(" ")
        }
    }
}

/** States the limits of finding no difference. */
private fun differenceSentences(grid: ResultGrid): List<String> {
    val inferred = grid.result.inference ?: return emptyList()
    if (tooFew(inferred) != null || found(grid).isNotEmpty()) return emptyList()
    return listOf(
        "That is no evidence of equality: the intervals bound how large a difference may be.",
    )
}

private fun side(
    grid: ResultGrid,
    cells: List<Int>,
    size: String,
    spec: DifferenceSpec,
): String {
    val shown = cells.sortedByDescending { abs(grid.effect(it)!!) }.take(NAMED).map { named(grid, it) }
    val largest = if (shown.size < cells.size) "; largest" else ""
    val verb = if (cells.size == 1) "has" else "have"
    val which = "${cells.size} of ${count(grid.cells, unit(grid))}"
    return "$which $verb $size effects in ${spec.of} than in ${spec.minus}$largest: ${shown.joinToString("; ")}."
}

private fun named(
    grid: ResultGrid,
    cell: Int,
): String = "${grid.where(cell)}, ${signed(grid.effect(cell)!!)}${evidence(grid, cell)}"

private fun unit(grid: ResultGrid): String =
    if (grid.axes.map { it.name } == listOf("layer", "head")) "head" else "cell"

/** Names the two subtracted results. */
private fun methodOfDifference(spec: DifferenceSpec): String =
    "Effects in ${spec.of} minus those in ${spec.minus}, cell by cell, paired by clean prompt, answer and foil."
