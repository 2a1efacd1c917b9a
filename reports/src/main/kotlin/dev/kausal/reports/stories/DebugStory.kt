package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.reports.words.signed
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DebugPredictionSpec
import kotlin.math.abs
import kotlin.math.sqrt

private const val NAMED = 2

/** A part that writes less than this share of the strongest one's is not worth a name. */
private const val WORTH = 0.1

/** Why one image is sorted as it is, told from the results of a debugged prediction. */
internal class DebugStory private constructor(
    private val contrast: ContrastSpec,
    private val example: Int,
    private val removals: Grid,
    private val random: Grid?,
    private val probabilities: Grid,
    private val maps: Grid,
    private val attribution: Grid,
    private val patches: Grid,
) {
    private val classes = probabilities.axes.single().labels
    private val truth = checkNotNull(contrast.answer).text
    private val chances = probabilities.result.perExample[example].map { it ?: 0.0 }
    private val rival = classes.indices.filter { classes[it] != truth }.maxBy { chances[it] }
    private val other = "\u201c${shownToken(classes[rival])}\u201d"
    private val right = "\u201c${shownToken(truth)}\u201d"
    private val wrong = chances[rival] > chances[classes.indexOf(truth)]

    /** What it is taken for, where attention went, what wrote the difference, what removing does: a paragraph each. */
    fun paragraphs(): List<Pair<String, String>> =
        listOf(
            (if (wrong) "The mistake" else "The decision") to mistake(),
            "Where attention went" to attention(),
            "What writes the difference" to written(),
            "What removing does" to removed(),
        )

    private fun mistake(): String {
        val own = share(chances[classes.indexOf(truth)])
        val its = share(chances[rival])
        val side = if (gap() < 0) "below" else "above"
        val gap = "The logit of $right is ${number(abs(gap()), 2)} $side that of $other."
        return if (wrong) {
            "It shows $right, and the model says $other, with $its; it gives $right $own. $gap"
        } else {
            "It shows $right, and the model says so, with $own; next comes $other, with $its. $gap"
        }
    }

    /** The right logit minus the rival's, nothing removed. */
    private fun gap(): Double = gap(0)

    private fun gap(removal: Int): Double = gaps(removals)[removal]

    /** The right logit minus the rival's, by the first axis. */
    private fun gaps(grid: Grid): List<Double> =
        grid.result.perExample[example].chunked(2) { (own, rivals) -> (own ?: 0.0) - (rivals ?: 0.0) }

    private fun attention(): String {
        val slices = maps.slices().map { (_, grid) -> grid.result.perExample[example] }
        val (last, rollout, forRight, forRival) = slices
        val alike = correlation(forRight, forRival)
        val words =
            when {
                alike == null -> ""
                alike > 0.7 -> " Both rest on the same places (correlation ${number(alike, 2)})."
                alike < 0.3 -> " They rest on different places (correlation ${number(alike, 2)})."
                else -> " They rest partly on the same places (correlation ${number(alike, 2)})."
            }
        return "Weighted by what raises a class's logit, attention for $right is strongest at ${peak(forRight)}, for " +
            "$other at ${peak(forRival)}.$words Without weighing, the last layer looks most at ${peak(last)}, and " +
            "attention rolled out through all layers at ${peak(rollout)}."
    }

    private fun peak(map: List<Double?>): String {
        val columns = maps.sizes.last()
        val at = map.indices.filter { map[it] != null }.maxByOrNull { map[it]!! } ?: return "no patch"
        val sum = map.filterNotNull().sum()
        val part = if (sum > 0) " (${share(map[at]!! / sum)} of the map)" else ""
        return "row ${at / columns}, column ${at % columns}$part"
    }

    private fun written(): String {
        val parts = named(attribution) { shownToken(attribution.axes.single().labels[it]) }
        val columns = patches.sizes.last()
        val places = named(patches) { "row ${it / columns}, column ${it % columns}" }
        return "$parts Of what heads moved, by the patch that it came from: " +
            places.replaceFirstChar { it.lowercase() }
    }

    /** The strongest for either class, with their shares. */
    private fun named(
        grid: Grid,
        name: (Int) -> String,
    ): String {
        val row = grid.result.perExample[example].map { it ?: 0.0 }
        val least = WORTH * row.maxOf { abs(it) }

        fun strongest(sign: Int) =
            row.indices
                .filter { sign * row[it] > least }
                .sortedByDescending { sign * row[it] }
                .take(NAMED)
                .map { "${name(it)} (${signed(row[it])})" }
        val (pro, contra) = strongest(1) to strongest(-1)
        return "For $right: ${listed(pro).ifEmpty { "nothing much" }}; for $other: " +
            "${listed(contra).ifEmpty { "nothing much" }}."
    }

    private fun removed(): String {
        val labels = removals.axes.first().labels
        val told = (1 until labels.size).map { "${signed(gap(it))} without ${labels[it]}" + turned(it) }
        return "The logit of $right minus that of $other is ${signed(gap())}. It becomes ${listed(told)}.${byChance()}"
    }

    /** How far the patches of a map move the difference, against as many drawn at random. */
    private fun byChance(): String {
        val labels = removals.axes.first().labels
        val draws = random?.let { grid -> gaps(grid).map { abs(it - gap()) } } ?: return ""
        val chosen = (1 until labels.size).filter { "patch" in labels[it] && !labels[it].endsWith("at random") }
        val most = chosen.maxByOrNull { abs(gap(it) - gap()) } ?: return ""
        val effect = abs(gap(most) - gap())
        val asFar = draws.count { it >= effect }
        val verdict =
            if (asFar <= draws.size / 20) {
                "these patches matter more than chance would have it."
            } else {
                "so this map shows where the model looks, and is no proof of what it needs."
            }
        val which = if (asFar == 0) "none moves" else count(asFar, "moves", "move")
        return " The ${labels[most]} move it furthest, by ${number(effect, 2)}; of " +
            "${count(draws.size, "random draw")} of as many, $which it as far " +
            "(${number(draws.average(), 2)} on average): $verdict"
    }

    private fun turned(removal: Int): String =
        when {
            gap(removal) * gap() >= 0 -> ""
            gap(removal) > 0 -> " (which puts $right first)"
            else -> " (which puts $other first)"
        }

    private fun share(part: Double): String = if (part < 0.001) "below 0.1 %" else "${number(100 * part, 1)} %"

    companion object {
        /** The story of an image; null where no debugged prediction is about it. */
        fun of(
            contrast: ContrastSpec,
            example: Int,
            grids: List<Grid>,
        ): DebugStory? {
            val debug = grids.firstNotNullOfOrNull { it.analysis as? DebugPredictionSpec } ?: return null
            if (contrast.answer == null) return null

            fun part(suffix: String) = grids.find { it.result.name == debug.name + suffix }
            val maps = part(".maps")?.takeIf { it.sizes.first() == MAPS } ?: return null
            return DebugStory(
                contrast,
                example,
                part("") ?: return null,
                part(".random"),
                part(".probabilities") ?: return null,
                maps,
                part(".attribution") ?: return null,
                part(".patches") ?: return null,
            )
        }

        private const val MAPS = 4

        /** Pearson's correlation; null where a map is even. */
        fun correlation(
            a: List<Double?>,
            b: List<Double?>,
        ): Double? {
            val pairs = a.zip(b).mapNotNull { (x, y) -> if (x == null || y == null) null else x to y }
            val (meanA, meanB) = pairs.map { it.first }.average() to pairs.map { it.second }.average()
            val product = pairs.sumOf { (x, y) -> (x - meanA) * (y - meanB) }
            val lengths = sqrt(pairs.sumOf { (x, _) -> (x - meanA) * (x - meanA) }) *
                sqrt(pairs.sumOf { (_, y) -> (y - meanB) * (y - meanB) })
            return if (lengths > 0) product / lengths else null
        }
    }
}
