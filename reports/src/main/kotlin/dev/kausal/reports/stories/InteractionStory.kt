package dev.kausal.reports.stories

import dev.kausal.reports.result.CLAIM
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.pOf
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

    override fun findings(grid: ResultGrid): List<String> = listOf(headline(grid))

    override fun headline(grid: ResultGrid): String = interactionHeadline(grid)

    override val background: String =
        "The interaction of a pair is its change minus the sum of the changes by each head alone; the diagonal shows " +
            "the change by a head alone."

    override fun metric(spec: InteractionSpec): String = metric(spec.metric, "corrupted")

    override fun evidence(
        grid: ResultGrid,
        inferred: Inferred,
    ): List<String> = interactions(grid)
}

/** A change below this share of the interaction is too small to have a direction. */
private const val NEARLY_NONE = 0.1

/** Number of pairs that a sentence names. */
private const val NAMED = 3

/** Two heads ablated alone and together. */
private class PairOf(
    private val grid: ResultGrid,
    private val i: Int,
    private val j: Int,
) {
    private val cell = grid.index(listOf(i, j))
    private val first: Double? = grid.result.pairs?.alone?.getOrNull(i)
    private val second: Double? = grid.result.pairs?.alone?.getOrNull(j)
    private val both: Double? = grid.result.pairs?.together?.getOrNull(cell)
    private val p: Double? = pOf(grid, cell)
    private val names = "${grid.axes[0].labels[i]} and ${grid.axes[0].labels[j]}"

    /** Change by the pair minus the sum of its heads' changes. */
    val beyond: Double? = grid.mean(cell)
    val found: Boolean
        get() = p != null && p < CLAIM && beyond != null && abs(beyond) >= leastEffect(grid)

    /**
     * Returns the meaning of the interaction, whatever the metric's sign. Heads are redundant if the pair changes more
     * than their sum and neither opposes it. They act jointly or overlap if the pair changes less than their sum and
     * both go in its direction. Otherwise one modulates the other.
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
                if (abs(together) >= 2 * abs(sum)) "redundant" else "partly redundant"
            }

            together * direction < sum * direction && along.all { it > least } && together * direction > -least -> {
                if (abs(together - sum) >= along.min() / 2) "acting jointly" else "partly overlapping"
            }

            else -> {
                "one modulates the other"
            }
        }
    }

    /** Returns the changes by the heads alone and together, with their relation if [related]: if it is significant. */
    fun sentence(related: Boolean): String {
        val sure = between() + p?.let { "; ${pWords(it)}" }.orEmpty()
        val claim = if (related) " (${relation()})" else ""
        return "$names$claim: ${number(first)} and ${number(second)} alone, ${number(both)} together, interaction " +
            "${signed(beyond!!)}$sure"
    }

    private fun between(): String =
        grid.interval(cell)?.let { (low, high) -> " (${number(low)} to ${number(high)})" }.orEmpty()
}

private fun pairs(grid: ResultGrid): List<PairOf> {
    val heads = grid.axes.firstOrNull()?.labels.orEmpty().indices
    return heads.flatMap { i -> (i + 1..heads.last).map { PairOf(grid, i, it) } }.filter { it.beyond != null }
}

/** Names the pairs that differ most from the sum of their heads. */
private fun interactionHeadline(grid: ResultGrid): String {
    val pairs = pairs(grid).sortedByDescending { abs(it.beyond!!) }
    if (pairs.isEmpty()) return "No pair of heads was measured."
    val found = pairs.filter { it.found }
    val inferred = grid.result.inference
    val changes = "Change of the ${metricWords(grid.plain)}"
    val largest = "Largest interaction: ${pairs.first().sentence(related = false)}."
    if (inferred == null) return largest
    if (found.isEmpty()) {
        val few = tooFew(inferred)?.let { "Not tested ($it)." }
        return "${few ?: "None of ${count(pairs.size, "pair")} interacts at p < 0.05."} $largest"
    }
    val rest = if (found.size > NAMED) "; ${count(found.size - NAMED, "more pair")}" else ""
    return found.take(NAMED).joinToString("; ", "$changes: ", "$rest.") { it.sentence(related = true) }
}

/** Describes how many pairs interact, and the limits of sums. */
private fun interactions(grid: ResultGrid): List<String> {
    val pairs = pairs(grid)
    val found = pairs.count { it.found }
    TooFewToTest.of(grid)?.let { return listOf(it) }
    return listOf(
        "$found of ${count(pairs.size, "pair")} ${agree(found, "interacts", "interact")} at p < 0.05.",
        "If the metric has a floor or a ceiling, as a probability has, heads that reach it seem to overlap.",
    )
}

private fun methodOfInteraction(interaction: InteractionSpec): String {
    val which =
        interaction.heads?.let { heads -> "heads ${listed(heads.map { "${it.layer}.${it.head}" })}" }
            ?: fromRankings(interaction)
    return "Interaction of $which on ${run(interaction.run)}: each head's output is ${value(interaction.value)}, " +
        "alone and in pairs. Metric: ${metricWords(interaction.metric)}."
}

private fun fromRankings(interaction: InteractionSpec): String {
    val turns = if (interaction.rankings.size > 1) ", in turns" else ""
    return "the top ${interaction.top} heads of ${listed(interaction.rankings)} " +
        "(${interaction.order.name.lowercase()} first$turns)"
}
