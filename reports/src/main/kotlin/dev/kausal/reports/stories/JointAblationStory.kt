package dev.kausal.reports.stories

import dev.kausal.reports.result.CLAIM
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.correctedFor
import dev.kausal.reports.result.leastP
import dev.kausal.reports.result.pOf
import dev.kausal.reports.result.pWords
import dev.kausal.reports.result.untestable
import dev.kausal.reports.result.within
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.run
import dev.kausal.reports.words.signed
import dev.kausal.reports.words.value
import dev.kausal.spec.Among
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Inferred
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.RandomSets
import dev.kausal.spec.RandomSetsOfSize
import dev.kausal.spec.ResultKind
import dev.kausal.statistics.Quantiles
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.roundToLong

/** Ablations of several heads together. */
internal object JointAblationStory : Story<JointAblationSpec> {
    override val spec = JointAblationSpec::class
    override val kind = ResultKind.JointAblation

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun method(spec: JointAblationSpec): String = methodOfJoint(spec)

    override fun findings(grid: ResultGrid): List<String> = listOf(headline(grid))

    override fun headline(grid: ResultGrid): String = jointHeadline(grid)

    override val background: String =
        "Heads are ranked on one half of the groups of examples and ablated on the other; an example's change is its " +
            "mean over the splits that measure it. Means and resampled activations are taken from the whole set. " +
            "Random orders of all heads, the chosen ones included, go through the same splits and give sets of the " +
            "same size. p is the share of random sets at least as far, in standard deviations, from the mean of all " +
            "sets."

    override fun metric(spec: JointAblationSpec): String = metric(spec.metric, "corrupted")

    override fun evidence(
        grid: ResultGrid,
        inferred: Inferred,
    ): List<String> = jointly(grid, inferred)

    override fun inference(grid: ResultGrid): String? =
        grid.result.randomSets?.let { jointInference(grid, it) } ?: inferenceSentence(grid)
}

/** Up to this number of possible sets, the sentence states it, since draws repeat the same sets. */
private const val FEW_SETS = 1000.0

/** One size of the set of ablated heads: its index in the grid, and the random sets of that size. */
private class SizeOf(
    val grid: ResultGrid,
    val at: Int,
) {
    private val chosen = grid.index(listOf(at, 0))
    private val difference = grid.index(listOf(at, 2))
    val random: RandomSetsOfSize? = grid.result.randomSets?.sizes?.getOrNull(at)
    val heads: String = grid.axes[0].labels[at].let { if (it == "1") "the top head" else "the top $it heads" }
    val change: Double? = grid.mean(chosen)
    val beyond: Double = abs(grid.mean(difference) ?: 0.0)
    val p: Double? = pOf(grid, difference)
    val interval: String = within(grid, chosen)

    /** Whether the chosen heads differ significantly from random ones. */
    val standsOut: Boolean
        get() = p != null && p < CLAIM && random != null && beyond >= leastEffect(grid)
}

/** Returns the smallest effect that counts as a finding: at least the smallest of interest, and above rounding. */
internal fun leastEffect(grid: ResultGrid): Double {
    val rounding = grid.result.rounding?.let { it.floor * NoiseFloor.MARGIN }
    return max(grid.result.smallest ?: 0.0, rounding ?: 0.0)
}

private fun sizes(grid: ResultGrid): List<SizeOf> =
    grid.axes[0].labels.indices.map { SizeOf(grid, it) }.filter { it.change != null }

/**
 * Describes the smallest set that has at least half of the largest significant difference from random sets; if none is
 * significant, the one with the smallest p.
 */
private fun jointHeadline(grid: ResultGrid): String {
    val sizes = sizes(grid)
    if (sizes.isEmpty()) return "No heads were ablated: too few were ranked, or no examples remain to measure on."
    return measuredSizes(grid, sizes) + ofSizes(grid, sizes)
}

/** Lists the sizes from which the headline picks one or two, before a blank; empty if there is one. */
private fun measuredSizes(
    grid: ResultGrid,
    sizes: List<SizeOf>,
): String {
    if (sizes.size == 1) return ""
    val labels = sizes.map { grid.axes[0].labels[it.at] }
    val which = if (sizes.size <= NAMED) listed(labels) else "${labels.first()} to ${labels.last()}"
    return "${sizes.size} sets were ablated, of $which heads. "
}

private fun ofSizes(
    grid: ResultGrid,
    sizes: List<SizeOf>,
): String {
    val out = sizes.filter { it.standsOut }
    if (out.isEmpty()) return notOut(grid, sizes)
    val most = out.maxBy { it.beyond }
    val first = out.first { it.beyond >= most.beyond / 2 }
    if (first === most) return "${sentence(grid, first)}."
    return "${sentence(grid, first)}. Largest difference from random sets: ${most.heads}, " +
        "${signed(most.change!!)}${most.interval} against a median of " +
        "${number(Quantiles.median(most.random!!.changes))}."
}

/** Describes the change by the chosen heads, and its rank among the random sets. */
private fun sentence(
    grid: ResultGrid,
    size: SizeOf,
): String = "${changed(grid, size)}, ${place(grid, size)}"

private fun changed(
    grid: ResultGrid,
    size: SizeOf,
): String = "Ablating ${size.heads} changes the ${metricWords(grid.plain)} by ${signed(size.change!!)}${size.interval}"

private fun notOut(
    grid: ResultGrid,
    sizes: List<SizeOf>,
): String {
    val size = sizes.minWith(compareBy({ it.p ?: 1.0 }, { -it.beyond }))
    val change = changed(grid, size)
    val random = size.random ?: return "$change."
    if (random.possible <= 1) return "$change; they are all heads of their layers, so no other set can be drawn."
    if (size.p == null) {
        val why = untestable(grid)?.let { " ($it)" }.orEmpty()
        return "$change, ${place(grid, size)}. Not tested$why."
    }
    val which = if (sizes.size > 1) "No set size stands out" else "This does not stand out"
    val none = "$which from random sets"
    return "$change. $none: ${asFar(grid, size, random)}."
}

/** Describes the rank of the chosen set's change among the random ones: beyond all of them, or how many are as far. */
private fun place(
    grid: ResultGrid,
    size: SizeOf,
): String {
    val random = size.random ?: return "random sets not recorded"
    val change = size.change!!
    val than =
        when {
            random.asFar > 0 -> null
            random.changes.all { it > change } -> if (change < 0) "more" else "less"
            random.changes.all { it < change } -> if (change > 0) "more" else "less"
            else -> null
        } ?: return asFar(grid, size, random)
    val p = size.p?.let { "; ${pWords(it)}" }.orEmpty()
    return "$than than any of ${setsOf(grid, random)} (${spread(random)}$p)"
}

private fun asFar(
    grid: ResultGrid,
    size: SizeOf,
    random: RandomSetsOfSize,
): String {
    val p = size.p?.let { "; ${pWords(it)}" }.orEmpty()
    return "${random.asFar} of ${setsOf(grid, random)} deviate as far (${spread(random)}$p)"
}

private fun setsOf(
    grid: ResultGrid,
    random: RandomSetsOfSize,
): String {
    val layers = if (grid.result.randomSets?.among == Among.AnyLayers) "any layers" else "the same layers"
    val possible = random.possible.coerceAtMost(FEW_SETS).roundToLong()
    val few = if (random.possible <= FEW_SETS) " ($possible possible)" else ""
    return "${random.changes.size} random sets of the same size from $layers$few"
}

/** Describes the median of the random sets' changes, and the range of the middle 95 %. */
private fun spread(random: RandomSetsOfSize): String {
    val (low, high) = listOf(TAIL, 1 - TAIL).map { Quantiles.of(random.changes, it) }
    return "median ${number(Quantiles.median(random.changes))}, 95 % in ${number(low)} to ${number(high)}"
}

/** Describes the significant sizes, the smallest possible p, and the heads that all splits choose. */
private fun jointly(
    grid: ResultGrid,
    inferred: Inferred,
): List<String> {
    val sizes = sizes(grid)
    val sets = grid.result.randomSets
    if (sets == null || sizes.isEmpty()) return emptyList()
    val out = sizes.filter { it.standsOut }.map { grid.axes[0].labels[it.at] }
    val verdict =
        when {
            leastP(sets, inferred) >= CLAIM -> null
            out.isEmpty() -> NONE_STANDS_OUT
            else -> "${out.size} of ${count(sizes.size, "set size")} stand out at p < 0.05: ${listed(out)}."
        }
    return listOfNotNull(verdict, least(sets, sizes, inferred), steady(sets))
}

/** Describes the smallest p that the draws allow. */
private fun least(
    sets: RandomSets,
    sizes: List<SizeOf>,
    inferred: Inferred,
): String? {
    val few = sizes.filter { it.random != null && it.random.possible < 1 / CLAIM }.map { it.grid.axes[0].labels[it.at] }
    val results = correctedFor(inferred)
    val times = if (results > 1) " \u00d7 ${count(results, "result")}" else ""
    val bound = leastP(sets, inferred)
    val none = if (bound >= CLAIM) ", so none could stand out; more draws allow smaller ones" else ""
    val draws = "The smallest possible p is ${number(bound)} (1/${sets.draws + 1}$times)$none."
    if (few.isEmpty() || none.isNotEmpty()) return draws
    val possible = "fewer than ${number(1 / CLAIM, 0)} sets are possible"
    return "$draws With ${listed(few)} heads, $possible, so none could stand out."
}

/** Names the heads that all splits choose. */
private fun steady(sets: RandomSets): String? {
    if (sets.splits.size < 2) return null
    val always = sets.splits.map { it.chosen.toSet() }.reduce { a, b -> a intersect b }
    val most = sets.splits.first().chosen.size
    if (always.isEmpty()) return "No head is among the top $most in all ${sets.splits.size} splits."
    val which = listed(sets.splits.first().chosen.filter { it in always })
    return "Among the top $most in all ${sets.splits.size} splits: $which."
}

/** Describes how a joint ablation's intervals and p are computed. */
private fun jointInference(
    grid: ResultGrid,
    sets: RandomSets,
): String? {
    val inferred = grid.result.inference ?: return null
    return "${percent(inferred)} intervals: t distribution over examples, splits and random sets. p: rank among " +
        "${sets.draws} random sets, ${correctionWords(inferred, "set sizes")}.${clusterSentence(inferred)}"
}

private fun methodOfJoint(joint: JointAblationSpec): String {
    val layers = if (joint.among == Among.AnyLayers) "any layers" else "the same layers"
    val sizes = listed(joint.sizes.map { "$it" })
    return "Joint ablation of the top k heads of ${joint.ranking} (${joint.order.name.lowercase()} first) on " +
        "${run(joint.run)}: their outputs are ${value(joint.value)} together, k = $sizes; " +
        "${count(joint.splits, "split")}, ${count(joint.draws, "random order")} " +
        "with heads of $layers. Metric: ${metricWords(joint.metric)}."
}

private const val TAIL = 0.025
private const val NONE_STANDS_OUT =
    "No set size stands out at p < 0.05; that does not show that the ranking is no better than chance."

/** Number of sizes that a headline names. */
private const val NAMED = 4
