package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.reports.words.signed
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.ablationsInOrder
import kotlin.math.abs
import kotlin.math.sqrt

private const val NAMED = 2

/** Components below this share of the strongest one are not named. */
private const val WORTH = 0.1

/** The explanation of one image's prediction, from the results of a debugged prediction. */
internal class DebugStory private constructor(
    private val contrast: ContrastSpec,
    private val example: Int,
    private val removals: ResultGrid,
    private val random: ResultGrid?,
    private val probabilities: ResultGrid,
    private val maps: ResultGrid,
    private val attribution: ResultGrid,
    private val patches: ResultGrid,
) {
    private val classes = probabilities.axes.single().labels
    private val truth = checkNotNull(contrast.answer).text
    private val chances = probabilities.result.perExample[example].map { it ?: 0.0 }
    private val rival = classes.indices.filter { classes[it] != truth }.maxBy { chances[it] }
    private val other = "\u201c${shownToken(classes[rival])}\u201d"
    private val right = "\u201c${shownToken(truth)}\u201d"
    private val wrong = chances[rival] > chances[classes.indexOf(truth)]

    /** Returns one paragraph each on the prediction, attention, attribution and ablations. */
    fun paragraphs(): List<Pair<String, String>> =
        listOf(
            (if (wrong) "Mistake" else "Decision") to mistake(),
            "Attention" to attention(),
            "Attribution" to written(),
            "Ablations" to removed(),
        )

    private fun mistake(): String {
        val probability = "$right ${share(chances[classes.indexOf(truth)])}"
        val ofRival = "$other ${share(chances[rival])}"
        val first = if (wrong) "$ofRival, $probability (right)" else "$probability (right), $ofRival"
        return "Predicted: $first. Logit difference $right minus $other: ${signed(gap(), 2)}."
    }

    /** Returns the right logit minus the rival's in the unedited run. */
    private fun gap(): Double = gap(0)

    private fun gap(removal: Int): Double = gaps(removals)[removal]

    /** Returns the right logit minus the rival's, by the first axis. */
    private fun gaps(grid: ResultGrid): List<Double> =
        grid.result.perExample[example].chunked(2) { (own, rivals) -> (own ?: 0.0) - (rivals ?: 0.0) }

    private fun attention(): String {
        val slices = maps.slices().map { (_, grid) -> grid.result.perExample[example] }
        val (last, rollout, forRight, forRival) = slices
        val alike = correlation(forRight, forRival)
        val words =
            when {
                alike == null -> ""
                alike > 0.7 -> " The maps agree (correlation ${number(alike, 2)})."
                alike < 0.3 -> " The maps differ (correlation ${number(alike, 2)})."
                else -> " The maps agree in part (correlation ${number(alike, 2)})."
            }
        return "Strongest patches: ${peak(forRight)} for $right and ${peak(forRival)} for $other " +
            "(gradient-weighted); " +
            "${peak(last)} in the last layer and ${peak(rollout)} in the rollout (unweighted).$words"
    }

    private fun peak(map: List<Double?>): String {
        val columns = maps.sizes.last()
        val at = map.indices.filter { map[it] != null }.maxByOrNull { map[it]!! } ?: return "no patch"
        val sum = map.filterNotNull().sum()
        val part = if (sum > 0) " (${share(map[at]!! / sum)})" else ""
        return "row ${at / columns}, column ${at % columns}$part"
    }

    private fun written(): String {
        val parts = named(attribution) { shownToken(attribution.axes.single().labels[it]) }
        val columns = patches.sizes.last()
        val places = named(patches) { "row ${it / columns}, column ${it % columns}" }
        return "$parts By source patch of the heads: ${places.replaceFirstChar { it.lowercase() }}"
    }

    /** Returns the strongest components for either class, with their shares. */
    private fun named(
        grid: ResultGrid,
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
        return "For $right: ${listed(pro).ifEmpty { "nothing notable" }}; for $other: " +
            "${listed(contra).ifEmpty { "nothing notable" }}."
    }

    private fun removed(): String {
        val labels = removals.axes.first().labels
        val each = (1 until labels.size).map { "${signed(gap(it))} without ${labels[it]}" + turned(it) }
        return "The logit difference of ${signed(gap())} becomes ${listed(each)}.${byChance()}"
    }

    /** Compares the change by the patches of a map with random sets of the same size. */
    private fun byChance(): String {
        val labels = removals.axes.first().labels
        val draws = random?.let { grid -> gaps(grid).map { abs(it - gap()) } } ?: return ""
        val chosen = removals.result.ablationsInOrder.indices.filter { removals.result.ablationsInOrder[it].ofMap }
        val most = chosen.maxByOrNull { abs(gap(it) - gap()) } ?: return ""
        val effect = abs(gap(most) - gap())
        val asFar = draws.count { it >= effect }
        val verdict =
            if (asFar <= draws.size / 20) {
                "these patches matter more than random ones."
            } else {
                "the map shows attention, not necessity."
            }
        return " The ${labels[most]} change it most, by ${number(effect, 2)}; $asFar of " +
            "${count(draws.size, "random draw")} change it as much (${number(draws.average(), 2)} on average): $verdict"
    }

    private fun turned(removal: Int): String =
        when {
            gap(removal) * gap() >= 0 -> ""
            gap(removal) > 0 -> " ($right first)"
            else -> " ($other first)"
        }

    private fun share(part: Double): String = if (part < 0.001) "below 0.1 %" else "${number(100 * part, 1)} %"

    companion object {
        /** Returns the story of an image; null if no debugged prediction is about it. */
        fun of(
            contrast: ContrastSpec,
            example: Int,
            grids: List<ResultGrid>,
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

        /** Returns Pearson's correlation; null if either map is constant. */
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
