package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.plainWords
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.spec.SweepSpec

/** Which cells of a screened sweep are in float32, and how far bfloat16 is from it there. */
internal object ScreenedInBfloat16 : Sentence {
    override fun of(grid: ResultGrid): String? {
        val screening = grid.result.bfloat16 ?: return null
        val again = screening.cells.size
        val where = if (again == grid.cells) "All cells" else "${count(again, "cell")} of ${grid.cells}"
        val have = if (again == 1) "was" else "were"
        val rest = if (again == grid.cells) "" else " The others have their change in bfloat16."
        val clear = "and all whose rank, sign or significance was not clear"
        val more = if (screening.undecided.isEmpty()) ". " else ", $clear. "
        return "$where $have computed again in float32: the ${screening.top.size} with the largest changes" +
            more +
            "There, mean changes of the ${plainWords(grid)} in bfloat16 differ by at most " +
            "${number(screening.largest)}, and in one example by at most ${number(screening.largestOfExamples)}.$rest"
    }
}

/** Returns how a sweep is screened, after a blank; empty if it is not. */
internal fun screenMethod(sweep: SweepSpec): String {
    val screen = sweep.screen ?: return ""
    return " All cells are computed with products in bfloat16. Computed again in float32 are the unedited runs, the " +
        "${count(screen.top, "cell")} with the largest mean changes, and every cell whose rank among these, sign or " +
        "significance would be another if its change moved by twice the largest difference between the two formats."
}
