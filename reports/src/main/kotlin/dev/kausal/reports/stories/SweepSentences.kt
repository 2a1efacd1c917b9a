package dev.kausal.reports.stories

import dev.kausal.reports.result.EditKind
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.differing
import dev.kausal.reports.result.evidence
import dev.kausal.reports.result.formatOf
import dev.kausal.reports.result.found
import dev.kausal.reports.result.isTested
import dev.kausal.reports.result.plainWords
import dev.kausal.reports.result.roundingOf
import dev.kausal.reports.result.smallestWords
import dev.kausal.reports.result.tooFew
import dev.kausal.reports.result.valued
import dev.kausal.reports.result.within
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.ControlKind
import kotlin.math.abs

/** If no edit changed the metric by more than rounding. */
internal object NothingChanges : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.isRecovery || grid.isEmpty) return null
        val still = grid.strongest.all { abs(changeOf(grid, it)) <= roundingOf(grid) }
        return if (still) "No edit changes the ${plainWords(grid)} beyond ${formatOf(grid)} rounding." else null
    }
}

/** If tests were made and no cell has a significant effect that matters. */
internal object NothingFound : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (!isTested(grid) || found(grid).isNotEmpty()) return null
        val top = grid.strongest.firstOrNull() ?: return null
        val least = smallestWords(grid)?.let { " of at least $it" }.orEmpty()
        return "No cell is shown to have an effect$least. The largest estimate is ${number(grid.effect(top))}" +
            "${evidence(grid, top)}, at ${grid.where(top)}."
    }
}

/** For edits of the clean run: the lowest recovery, as the unedited run has all of it. */
internal object LargestLoss : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (!grid.losesRecovery) return null
        val cell = grid.cellOfMost { grid.mean(it)?.unaryMinus() } ?: return null
        if (1 - grid.mean(cell)!! <= roundingOf(grid)) {
            return "No edit lowers the recovered ${plainWords(
                grid,
            )}${inExamples(grid)} beyond ${formatOf(grid)} rounding."
        }
        val where = grid.words(cell)
        val what = "recovered ${plainWords(grid)}${inExamples(grid)}"
        val kept = "${valued(grid, cell)}; the unedited clean run is 1."
        return if (where.isEmpty()) "The $what is $kept" else "The lowest $what is at $where: $kept"
    }
}

/** For sweeps over heads: which heads move the metric, in which direction, and how few of them matter. */
internal object HeadEffects : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.axes.map { it.name } != listOf("layer", "head")) return null
        val shown = ranked(grid)
        if (shown.isEmpty()) return null
        val named = shown.take(NAMED).map { "head ${head(grid, it)} ${by(grid, it)}" }
        val what = if (grid.isRecovery) "recovered ${plainWords(grid)}" else plainWords(grid)
        val verb = doing(grid.editKind)
        val more = if (shown.size > NAMED) ", ${count(shown.size - NAMED, "other")} by less" else ""
        val least = if (isTested(grid)) smallestWords(grid)?.let { " by at least $it" }.orEmpty() else ""
        val many = "${shown.size} of ${count(grid.cells, "head")} ${agree(shown.size, "changes", "change")} it$least."
        val list = "$verb single heads changes the $what${inExamples(grid)}: ${listed(named)}$more."
        return listOfNotNull(list, many.takeIf { isTested(grid) }, halfOf(grid, shown)).joinToString(" ")
    }

    /** Returns the heads with a significant effect, or, if nothing could be tested, the largest. */
    private fun ranked(grid: ResultGrid): List<Int> {
        if (isTested(grid)) return found(grid).sortedByDescending { abs(grid.effect(it) ?: 0.0) }
        return grid.strongest.take(NAMED).filter { abs(changeOf(grid, it)) > roundingOf(grid) }
    }

    private fun by(
        grid: ResultGrid,
        cell: Int,
    ): String = "by ${signed(changeOf(grid, cell))}${within(grid, cell)}"

    private fun head(
        grid: ResultGrid,
        cell: Int,
    ): String = grid.place(cell).let { (layer, head) -> "${grid.labels(0)[layer]}.${grid.labels(1)[head]}" }

    /** Describes how few heads make up half of all significant effects, if at most a third of these heads. */
    private fun halfOf(
        grid: ResultGrid,
        shown: List<Int>,
    ): String? {
        if (!isTested(grid) || shown.size < FEW) return null
        val sizes = shown.map { abs(grid.effect(it) ?: 0.0) }
        val sums = sizes.runningReduce { a, b -> a + b }
        val few = sums.indexOfFirst { it >= sums.last() / 2 } + 1
        if (few * 3 > shown.size) return null
        val who = if (few == 1) "The largest accounts" else "The $few largest account"
        return "$who for half of the sum of these effects, each measured alone."
    }

    private const val NAMED = 3
    private const val FEW = 4
}

/** Describes the largest effect of a sweep of any shape, if there is one, and the number of cells with others. */
internal object LargestEffect : Sentence {
    override fun of(grid: ResultGrid): String? {
        val top = top(grid) ?: return null
        val main = if (grid.isRecovery) recovered(grid, top) else changed(grid, top)
        if (!isTested(grid) || grid.cells < 2) return main
        val shown = found(grid).size
        val least = smallestWords(grid)?.let { " of at least $it" }.orEmpty()
        return "$main $shown of ${count(grid.cells, "cell")} ${agree(shown, "has", "have")} an effect$least."
    }

    private fun recovered(
        grid: ResultGrid,
        cell: Int,
    ): String {
        val what = "recovery of the ${plainWords(grid)}${inExamples(grid)}"
        val where = grid.words(cell).ifEmpty { return "The $what is ${valued(grid, cell)}." }
        return "The highest $what is at $where: ${valued(grid, cell)}."
    }

    private fun changed(
        grid: ResultGrid,
        cell: Int,
    ): String {
        val change = changeOf(grid, cell)
        val verb = if (change < 0) "lowers" else "raises"
        val where = grid.words(cell).let { if (it.isEmpty()) "" else " at $it" }
        val most = if (grid.cells < 2) "" else " most"
        val ends = "from ${number(grid.mean(cell)!! - change)} to ${number(grid.mean(cell))}"
        return "The edit$where $verb the ${plainWords(grid)}$most${inExamples(grid)}, by ${number(abs(change))}" +
            "${within(grid, cell)}, $ends."
    }

    private fun top(grid: ResultGrid): Int? {
        val among = if (isTested(grid)) found(grid) else grid.strongest
        return among.maxByOrNull { if (grid.isRecovery) grid.mean(it)!! else abs(changeOf(grid, it)) }
    }
}

/** If the examples are too few for a test: then nothing is claimed beyond them. */
internal object TooFewToTest : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.result.estimate != null) return null
        val inferred = grid.result.inference ?: return null
        return tooFew(inferred)?.let { "${it.replaceFirstChar { c -> c.uppercase() }}." }
    }
}

/** If some cells differ from no effect, but by less than the smallest effect of interest. */
internal object SmallEffects : Sentence {
    override fun of(grid: ResultGrid): String? {
        val least = smallestWords(grid) ?: return null
        val small = differing(grid).size - found(grid).size
        if (small == 0) return null
        val cells = count(small, if (found(grid).isEmpty()) "cell" else "other cell")
        return "$cells ${agree(small, "differs", "differ")} from no effect by less than $least, the smallest " +
            "effect of interest."
    }
}

/**
 * Describes the effect of random directions of equal norm at the largest cell, if it is at least half of that cell's
 * effect.
 */
internal object LargeRandomEffect : Sentence {
    override fun of(grid: ResultGrid): String? {
        val control = grid.result.controls.find { it.kind == ControlKind.RandomDirection && it.mean != null }
            ?: return null
        if (grid.losesRecovery || (isTested(grid) && control.cell !in found(grid))) return null
        val effect = grid.effect(control.cell) ?: return null
        if (control.mean!! * effect < effect * effect / 2) return null
        val where = grid.where(control.cell)
        return "Random directions of equal norm at $where have a similar effect: ${number(control.mean)}" +
            "${between(control)}, against ${number(effect)}."
    }
}

/** Returns the change of a cell's mean from the unedited run, or the value itself if 0 means no effect. */
internal fun changeOf(
    grid: ResultGrid,
    cell: Int,
): Double = grid.effect(cell)?.takeIf { grid.result.change != null } ?: ((grid.mean(cell) ?: 0.0) - grid.centre)

private fun doing(kind: EditKind): String =
    when (kind) {
        EditKind.RESTORE -> "Restoring the clean output of"
        EditKind.CORRUPT -> "Patching in the corrupted output of"
        EditKind.ABLATE, EditKind.ABLATE_CORRUPTED -> "Ablating"
        EditKind.OTHER -> "Editing"
    }

internal fun agree(
    n: Int,
    one: String,
    many: String,
): String = if (n == 1) one else many
