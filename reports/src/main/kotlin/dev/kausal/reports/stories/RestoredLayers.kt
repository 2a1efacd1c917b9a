package dev.kausal.reports.stories

import dev.kausal.reports.result.EditKind
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.differing
import dev.kausal.reports.result.evidence
import dev.kausal.reports.result.found
import dev.kausal.reports.result.higherIsBetter
import dev.kausal.reports.result.isTested
import dev.kausal.reports.result.plainWords
import dev.kausal.reports.result.roundingOf
import dev.kausal.reports.result.valued
import dev.kausal.reports.result.within
import dev.kausal.reports.words.count
import dev.kausal.reports.words.labelWords
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.SweepSpec

/** A layer and place that restores at least this share counts as carrying the answer. */
private const val HALF = 0.5

/**
 * Names the layers and places that restore the answer, in a sweep of the residual stream over layers and places.
 *
 * In every model, the changed words restore it at the first layer, and the position that is read at the last one; only
 * the layers in between differ. So the sentence gives layers, and the best cell only if none restores half.
 */
internal object RestoredLayers : Sentence {
    /** Consecutive layers in which [place] restores at least [HALF]: indices into the grid's axes. */
    private data class Stretch(
        val place: Int,
        val first: Int,
        val last: Int,
    )

    override fun of(grid: ResultGrid): String? = byLayer(grid)?.takeIf(::isTrace)?.let(::told)

    private fun told(grid: ResultGrid): String? {
        val answer = answerPlace(grid)
        // If there is one place, it need not be the one that is read.
        if (answer == null && grid.sizes[1] > 1) return null
        val all = stretches(grid)
        val lost = grid.editKind == EditKind.CORRUPT
        val what = whatOf(grid)
        val layers = grid.sizes[0]
        val early = all.filter { it.first == 0 && it.place != answer }
        val late = all.find { it.place == answer && it.last == layers - 1 }
        val between = all.filter { it !in early && it != late }
        val examples = inExamples(grid)
        if (all.isEmpty()) return none(grid, what, examples)
        val carried =
            early.map { up(grid, it) } + listOfNotNull(late?.let { from(grid, it) }) +
                between.map { around(grid, it) }
        val head = "At least half of the $what is ${if (lost) "lost" else "restored"}$examples ${listed(carried)}."
        val others = (0 until grid.sizes[1]).filter { it != answer }
        val noEarly = early.isEmpty() && late?.first != 0 && others.isNotEmpty()
        val missing =
            listOfNotNull(
                if (noEarly) lacking(grid, 0, others) else null,
                answer?.takeIf { late == null }?.let { lacking(grid, layers - 1, listOf(it)) },
            )
        return (listOf(head) + missing + listOfNotNull(late?.let { moves(grid, early, it) })).joinToString(" ")
    }

    /**
     * Returns the sentence on [places] at [layer], none of which is shown to restore half: those that do so on average, but
     * with intervals too wide to tell them from no effect, or that none does. Null if half is less than the smallest
     * effect of interest.
     */
    private fun lacking(
        grid: ResultGrid,
        layer: Int,
        places: List<Int>,
    ): String? {
        val where = if (layer == 0) "layer ${label(grid, 0)}" else "the last layer"
        val does = if (grid.editKind == EditKind.CORRUPT) "removes" else "restores"

        fun cell(place: Int) = grid.index(listOf(layer, place))
        val half = places.filter { restored(grid, cell(it)) >= HALF }
        val unclear = half.filter { cell(it) !in differing(grid) }
        val named = unclear.joinToString("; ") { place ->
            val sure = if (unclear.size == 1) evidence(grid, cell(place)) else within(grid, cell(place))
            "${name(grid, place)}, ${number(grid.effect(cell(place)))}$sure"
        }
        return when {
            unclear.isNotEmpty() -> "Not distinguished from no effect at $where: $named."
            half.isNotEmpty() -> null
            places.size > 1 -> "At $where, no other place $does half."
            else -> "At $where, ${name(grid, places[0])} $does less than half: ${valued(grid, cell(places[0]))}."
        }
    }

    /**
     * Returns the layers between which the answer moves from the subject to the position that is read; null if no one
     * place of the subject, or more than one, restores it up to a layer, or if both places restore it in the same
     * layers.
     */
    private fun moves(
        grid: ResultGrid,
        early: List<Stretch>,
        late: Stretch,
    ): String? {
        val from = early.filter { grid.isOfSubject(it.place) }.singleOrNull() ?: return null
        if (late.first <= from.last) return null
        val there = if (grid.axes[1].name == "position") "the subject" else name(grid, from.place)
        val between = "between layers ${label(grid, from.last)} and ${label(grid, late.first)}"
        return "This information moves from $there to ${name(grid, late.place)} $between."
    }

    /** Returns whether a label of the second axis is a place of the subject. */
    private fun ResultGrid.isOfSubject(place: Int): Boolean =
        if (axes[1].name == "position") marked(1)[place].ofSubject else axes[1].labels[place] in SUBJECT

    private fun whatOf(grid: ResultGrid): String =
        when {
            grid.isRecovery -> plainWords(grid)
            grid.editKind == EditKind.CORRUPT -> "${plainWords(grid)} between the clean and the corrupted run"
            else -> "lost ${plainWords(grid)}"
        }

    /** Returns whether the sweep patches the stream of one run into another, one layer and one place at a time. */
    private fun isTrace(grid: ResultGrid): Boolean {
        val cells = (grid.analysis as? SweepSpec)?.cells.orEmpty()
        val restores = grid.editKind == EditKind.RESTORE && (grid.isRecovery || gap(grid) != null)
        val corrupts = grid.editKind == EditKind.CORRUPT && !grid.isRecovery && gap(grid) != null
        return (restores || corrupts) && grid.axes.size == 2 &&
            grid.axes[0].name == "layer" && grid.axes[1].name in PLACES &&
            cells.all { cell -> cell.edits.count { RESIDUAL.containsMatchIn(it.site) } == 1 }
    }

    /** Returns the place whose outputs the metric reads. */
    private fun answerPlace(grid: ResultGrid): Int? {
        val labels = grid.axes[1].labels
        val contrasts = grid.set?.contrasts.orEmpty()
        val read = contrasts.map { it.clean.read }.distinct().singleOrNull()
        val masked = contrasts.any { it.clean.read != null }
        if (grid.axes[1].name == "position") return if (masked) read else labels.lastIndex
        return labels.indexOf(if (masked) "mask" else "last").takeIf { it >= 0 }
    }

    private fun stretches(grid: ResultGrid): List<Stretch> =
        (0 until grid.sizes[1]).flatMap { place ->
            val on = (0 until grid.sizes[0]).filter { carries(grid, it, place) }
            on.filter { it - 1 !in on }.map { first ->
                Stretch(place, first, generateSequence(first) { it + 1 }.takeWhile { it in on }.last())
            }
        }

    /** Returns the clean run's metric minus the other's; null if it is not positive, or if larger may not be better. */
    private fun gap(grid: ResultGrid): Double? {
        if (grid.higherIsBetter != true || grid.result.change == null) return null
        val clean = grid.baseline("clean") ?: return null
        val other = if (grid.editKind == EditKind.CORRUPT) grid.baseline("corrupted") else grid.centre
        return other?.let { clean - it }?.takeIf { it > roundingOf(grid) }
    }

    /**
     * Returns the share by which the edit moves its run towards the source run: 0 for not at all, 1 for all the way.
     */
    private fun restored(
        grid: ResultGrid,
        cell: Int,
    ): Double {
        val towards = (grid.effect(cell) ?: 0.0) * (if (grid.editKind == EditKind.CORRUPT) -1 else 1)
        return towards / (if (grid.isRecovery) 1.0 else gap(grid) ?: 1.0)
    }

    /** Returns whether a cell restores at least half, significantly so if it was tested. */
    private fun carries(
        grid: ResultGrid,
        layer: Int,
        place: Int,
    ): Boolean {
        val cell = grid.index(listOf(layer, place))
        val enough = restored(grid, cell) >= HALF
        return enough && (!isTested(grid) || cell in found(grid))
    }

    private fun up(
        grid: ResultGrid,
        stretch: Stretch,
    ): String {
        val place = name(grid, stretch.place)
        if (stretch.last == grid.sizes[0] - 1) return "at $place at every layer"
        val layers = if (stretch.last == 0) "at layer" else "up to layer"
        return "at $place $layers ${label(grid, stretch.last)} (${at(grid, stretch.last, stretch)})"
    }

    private fun from(
        grid: ResultGrid,
        stretch: Stretch,
    ): String =
        if (stretch.first == 0) {
            "at ${name(grid, stretch.place)} at every layer"
        } else {
            "at ${name(grid, stretch.place)} from layer ${label(grid, stretch.first)} on " +
                "(${at(grid, stretch.first, stretch)})"
        }

    private fun around(
        grid: ResultGrid,
        stretch: Stretch,
    ): String {
        val layers =
            if (stretch.first == stretch.last) {
                "layer ${label(grid, stretch.first)}"
            } else {
                "layers ${label(grid, stretch.first)} to ${label(grid, stretch.last)}"
            }
        return "at ${name(grid, stretch.place)} in $layers"
    }

    private fun none(
        grid: ResultGrid,
        what: String,
        examples: String,
    ): String {
        val best =
            grid.cellOfMost { cell -> grid.mean(cell)?.let { restored(grid, cell) } }
                ?: return "No value of ${grid.result.name} was computed."
        val (alone, shown) = if (grid.editKind == EditKind.CORRUPT) "removes" to "remove" else "restores" to "restore"
        val does = if (isTested(grid)) "is shown to $shown" else alone
        return "No cell $does half of the $what$examples; the most is ${valued(grid, best)}, at ${grid.words(best)}."
    }

    private fun at(
        grid: ResultGrid,
        layer: Int,
        stretch: Stretch,
    ): String = valued(grid, grid.index(listOf(layer, stretch.place))).replace(" (", ", ").removeSuffix(")")

    private fun label(
        grid: ResultGrid,
        layer: Int,
    ) = grid.labels(0)[layer]

    private fun name(
        grid: ResultGrid,
        place: Int,
    ): String = labelWords(grid.axes[1].name, place, grid.axes[1].labels[place])

    private val SUBJECT = setOf("subject", "subject-first", "subject-last")
    private val PLACES = setOf("position", "span")
    private val RESIDUAL = Regex("""hook_resid_(pre|mid|post)$""")
}

/** Returns `in these 3 examples` if nothing is claimed beyond them; else empty. */
internal fun inExamples(grid: ResultGrid): String =
    if (isTested(grid)) {
        ""
    } else {
        val n = grid.result.examples.size
        if (n == 1) " in this example" else " in these ${count(n, "example")}"
    }
