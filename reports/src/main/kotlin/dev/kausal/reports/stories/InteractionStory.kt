package dev.kausal.reports.stories

import dev.kausal.reports.result.CLAIM
import dev.kausal.reports.result.Grid
import dev.kausal.reports.result.pWords
import dev.kausal.reports.result.tooFew
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.run
import dev.kausal.reports.words.signed
import dev.kausal.reports.words.value
import dev.kausal.spec.Inferred
import dev.kausal.spec.InteractionSpec
import dev.kausal.spec.ResultKind
import kotlin.math.abs
import kotlin.math.sign

/** Ablations of heads alone and in pairs. */
internal object InteractionStory : Story<InteractionSpec> {
    override val spec = InteractionSpec::class
    override val kind = ResultKind.Interaction

    override fun method(spec: InteractionSpec): String = methodOfInteraction(spec)

    override fun findings(grid: Grid): List<String> = listOf(headline(grid))

    override fun headline(grid: Grid): String = interactionHeadline(grid)

    override fun evidence(
        grid: Grid,
        inferred: Inferred,
    ): List<String> = interactions(grid, inferred)
}

// What is said of pairs of heads. Every claim has its condition here.

/** A change of less than this share of the interaction is too little to have a direction. */
private const val NEARLY_NONE = 0.1

/** Most pairs that are told one by one. */
private const val TOLD = 3

/** Two heads removed alone and together. */
private class PairOf(
    private val grid: Grid,
    private val i: Int,
    private val j: Int,
) {
    private val cell = grid.index(listOf(i, j))
    private val first: Double? = grid.result.pairs?.alone?.getOrNull(i)
    private val second: Double? = grid.result.pairs?.alone?.getOrNull(j)
    private val both: Double? = grid.result.pairs?.together?.getOrNull(cell)
    private val p: Double? = grid.result.pCorrected.getOrNull(cell)
    private val names = "${grid.axes[0].labels[i]} and ${grid.axes[0].labels[j]}"

    /** What the pair changes beyond the sum of its heads. */
    val beyond: Double? = grid.mean(cell)
    val found: Boolean
        get() = p != null && p < CLAIM && beyond != null && abs(beyond) >= leastEffect(grid)

    /**
     * What the interaction means, whatever the metric's sign. Together more than the sum, and neither head against it: they
     * stand in for each other. Together less than the sum, and both in its direction: each needs the other, or both serve
     * one end. Otherwise one changes what the other does.
     */
    private fun relation(): String {
        val (a, b) = (first ?: return "") to (second ?: return "")
        val together = both ?: return ""
        val sum = a + b
        val least = NEARLY_NONE * abs(together - sum)
        val direction = if (abs(together) > abs(sum)) together.sign else sum.sign
        val along = listOf(a, b).map { it * direction }
        return when {
            together * direction > sum * direction && along.all { it > -least } -> {
                if (abs(together) >= 2 * abs(sum)) "stand in for each other" else "stand in for each other in part"
            }

            together * direction < sum * direction && along.all { it > least } && together * direction > -least -> {
                if (abs(together - sum) >= along.min() / 2) "do one thing that needs both" else "overlap in part"
            }

            else -> {
                "change what the other does"
            }
        }
    }

    /** What the heads change alone and together; how they are [related] only where it is more than chance. */
    fun sentence(related: Boolean): String {
        val sum = (first ?: 0.0) + (second ?: 0.0)
        val sure = between() + p?.let { "; ${pWords(it)}" }.orEmpty()
        val more = "${signed(beyond!!)} beyond the sum of ${number(sum)}$sure"
        val claim = if (related) " ${relation()}" else ""
        return "$names$claim: removed alone they change the ${what(grid)} by ${number(first)} and " +
            "${number(second)}, together by ${number(both)} ($more)"
    }

    private fun between(): String =
        grid.interval(cell)?.let { (low, high) -> ", interval ${number(low)} to ${number(high)}" }.orEmpty()
}

private fun what(grid: Grid): String = metricWords(grid.plain)

private fun pairs(grid: Grid): List<PairOf> {
    val heads = grid.axes.firstOrNull()?.labels.orEmpty().indices
    return heads.flatMap { i -> (i + 1..heads.last).map { PairOf(grid, i, it) } }.filter { it.beyond != null }
}

/** The pairs that differ most from the sum of their heads. */
private fun interactionHeadline(grid: Grid): String {
    val pairs = pairs(grid).sortedByDescending { abs(it.beyond!!) }
    if (pairs.isEmpty()) return "No pair of heads was measured."
    val found = pairs.filter { it.found }
    val inferred = grid.result.inference
    if (inferred == null) return "The largest departure from a sum: ${pairs.first().sentence(related = false)}."
    if (found.isEmpty()) {
        val few = tooFew(inferred)?.let { "Whether any of ${count(pairs.size, "pair")} differs cannot be told ($it)" }
        val none = "None of ${count(pairs.size, "pair")} of heads is told from the sum of its two at p < 0.05"
        return "${few ?: none}. The largest departure: ${pairs.first().sentence(related = false)}."
    }
    val rest = if (found.size > TOLD) "; and ${count(found.size - TOLD, "more pair")}" else ""
    return found.take(TOLD).joinToString("; ", postfix = "$rest.") { it.sentence(related = true) }
}

/** What a careful reader may conclude. */
private fun interactions(
    grid: Grid,
    inferred: Inferred,
): List<String> {
    val pairs = pairs(grid)
    val found = pairs.count { it.found }
    TooFewToTest.of(grid)?.let { return listOf(it) }
    val sample = "${sampleWords(inferred)}; ${correctionWords(inferred)}"
    return listOf(
        "$found of ${count(
            pairs.size,
            "pair",
        )} ${agree(found, "differs", "differ")} from the sum of ${agree(found, "its", "their")} " +
            "heads at p < 0.05 ($sample).",
        "Sums are those of the metric: where it has a floor or a ceiling, as a probability has, any two heads that " +
            "reach it seem to overlap.",
    )
}

/** What an interaction measures, for the method section. */
private fun methodOfInteraction(interaction: InteractionSpec): String {
    val which =
        interaction.heads?.let { its -> "heads ${listed(its.map { "${it.layer}.${it.head}" })}" }
            ?: fromRankings(interaction)
    return "Interaction of $which: in ${run(interaction.run)}, each head's output is ${value(interaction.value)}, " +
        "alone and together with each other's. The number of a pair is what both change together less the sum of " +
        "what each changes alone; on the diagonal stands what a head changes alone. Measured is " +
        "${metric(interaction.metric, "corrupted")}."
}

private fun fromRankings(interaction: InteractionSpec): String {
    val turns = if (interaction.rankings.size > 1) ", taken in turns" else ""
    return "the ${interaction.top} heads at the top of ${listed(interaction.rankings)} " +
        "(${interaction.order.name.lowercase()} first$turns)"
}
