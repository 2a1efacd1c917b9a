package dev.kausal.reports.stories

import dev.kausal.reports.result.CLAIM
import dev.kausal.reports.result.Grid
import dev.kausal.reports.result.pWords
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
import dev.kausal.spec.Correction
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

    override fun figure(grid: Grid): FigureKind = FigureKind.Lines

    override fun method(spec: JointAblationSpec): String = methodOfJoint(spec)

    override fun findings(grid: Grid): List<String> = listOf(headline(grid))

    override fun headline(grid: Grid): String = jointHeadline(grid)

    override fun evidence(
        grid: Grid,
        inferred: Inferred,
    ): List<String> = jointly(grid, inferred)

    override fun inference(grid: Grid): String? =
        grid.result.randomSets?.let { jointInference(grid, it) } ?: inferenceSentence(grid)
}

// What is said of chosen heads among random ones. Every claim has its condition here.

/** Up to so many possible sets, their number is told: draws of so few are the same sets again and again. */
private const val FEW_SETS = 1000.0

/** One number of heads: its place in the grid, and the random sets beside it. */
private class SizeOf(
    val grid: Grid,
    val at: Int,
) {
    private val chosen = grid.index(listOf(at, 0))
    private val difference = grid.index(listOf(at, 2))
    val random: RandomSetsOfSize? = grid.result.randomSets?.sizes?.getOrNull(at)
    val heads: String = grid.axes[0].labels[at].let { if (it == "1") "the chosen head" else "the $it chosen heads" }
    val change: Double? = grid.mean(chosen)
    val beyond: Double = abs(grid.mean(difference) ?: 0.0)
    val p: Double? = grid.result.pCorrected.getOrNull(difference)
    val interval: String = within(grid, chosen)

    /** Whether the chosen heads are told from random ones. */
    val standsOut: Boolean
        get() = p != null && p < CLAIM && random != null && beyond >= leastEffect(grid)
}

/** What is smaller is no finding, however sure: too little to matter, or rounding. */
internal fun leastEffect(grid: Grid): Double {
    val rounding = grid.result.rounding?.let { it.floor * NoiseFloor.MARGIN }
    return max(grid.result.smallest ?: 0.0, rounding ?: 0.0)
}

private fun sizes(grid: Grid): List<SizeOf> =
    grid.axes[0].labels.indices.map { SizeOf(grid, it) }.filter { it.change != null }

/** The fewest heads that stand out by at least half of the most that any do; if none stand out, the likeliest. */
private fun jointHeadline(grid: Grid): String {
    val sizes = sizes(grid)
    if (sizes.isEmpty()) return "No heads were removed: too few were ranked, or no examples are left to measure on."
    val out = sizes.filter { it.standsOut }
    if (out.isEmpty()) return notOut(grid, sizes)
    val most = out.maxBy { it.beyond }
    val first = out.first { it.beyond >= most.beyond / 2 }
    if (first === most) return "${sentence(grid, first)}."
    return "${sentence(grid, first)}; the largest difference from random sets is that of ${most.heads}, " +
        "${signed(most.change!!)}${most.interval} against ${number(Quantiles.median(most.random!!.changes))}."
}

/** What removing the chosen heads does, and where that is among the random sets. */
private fun sentence(
    grid: Grid,
    size: SizeOf,
): String = "${changed(grid, size)}, ${place(grid, size)}"

private fun changed(
    grid: Grid,
    size: SizeOf,
): String = "Removing ${size.heads} changes the ${what(grid)} by ${signed(size.change!!)}${size.interval}"

private fun notOut(
    grid: Grid,
    sizes: List<SizeOf>,
): String {
    val size = sizes.minWith(compareBy({ it.p ?: 1.0 }, { -it.beyond }))
    val change = changed(grid, size)
    val random = size.random ?: return "$change."
    if (random.possible <= 1) return "$change; they are all heads of their layers, which no other set can be."
    if (size.p == null) return "$change, ${place(grid, size)}. Nothing was tested."
    val others = if (sizes.size > 1) ", and no other number of heads does" else ""
    return "$change; it does not stand out from random sets$others: ${asFar(grid, size, random)}."
}

/** Where the chosen sets' change is among the random ones: beyond all of them, or how many are as far. */
private fun place(
    grid: Grid,
    size: SizeOf,
): String {
    val random = size.random ?: return "beside random heads not told"
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
    grid: Grid,
    size: SizeOf,
    random: RandomSetsOfSize,
): String {
    val p = size.p?.let { "; ${pWords(it)}" }.orEmpty()
    return "${random.asFar} of ${setsOf(grid, random)} are at least as far out (${spread(random)}$p)"
}

private fun setsOf(
    grid: Grid,
    random: RandomSetsOfSize,
): String {
    val where = if (grid.result.randomSets?.among == Among.AnyLayers) "any layers" else "the same layers"
    val different = count(random.possible.coerceAtMost(FEW_SETS).roundToLong().toInt(), "different one")
    val few = if (random.possible <= FEW_SETS) " ($different can be drawn)" else ""
    return "${random.changes.size} random sets of as many heads of $where$few"
}

/** The middle of the random sets' changes, and where most of them lie. */
private fun spread(random: RandomSetsOfSize): String {
    val (low, high) = listOf(TAIL, 1 - TAIL).map { Quantiles.of(random.changes, it) }
    return "median ${number(Quantiles.median(random.changes))}, 95 % of them between ${number(low)} and ${number(high)}"
}

private fun what(grid: Grid): String = metricWords(grid.plain)

/** What a careful reader may conclude, size by size. */
private fun jointly(
    grid: Grid,
    inferred: Inferred,
): List<String> {
    val sizes = sizes(grid)
    val sets = grid.result.randomSets
    if (sets == null || sizes.isEmpty()) return emptyList()
    val out = sizes.filter { it.standsOut }.map { grid.axes[0].labels[it.at] }
    val sample = "${sampleWords(inferred)}; ${correctionWords(inferred)}"
    val verdict =
        if (out.isEmpty()) {
            "For no number of heads do the chosen ones stand out from random ones at p < 0.05 ($sample). That is no " +
                "proof that the ranking is no better than chance."
        } else {
            "The chosen heads stand out from random ones at p < 0.05 ($sample) for ${out.size} of " +
                "${count(sizes.size, "number")} of heads: ${listed(out)}."
        }
    return listOfNotNull(verdict, least(sets, sizes, inferred), steady(sets))
}

/** How small p could have been, where that is what decides. */
private fun least(
    sets: RandomSets,
    sizes: List<SizeOf>,
    inferred: Inferred,
): String? {
    val few = sizes.filter { it.random != null && it.random.possible < 1 / CLAIM }.map { it.grid.axes[0].labels[it.at] }
    val results = if (inferred.correction == Correction.FamilyWise) inferred.results else 1
    val times = if (results > 1) ", times ${count(results, "tested result")}" else ""
    val bound = (results / (sets.draws + 1.0)).coerceAtMost(1.0)
    val draws = "No p can be below ${number(bound)}, which is 1 in ${sets.draws + 1}$times."
    if (few.isEmpty()) return draws
    return "$draws With ${listed(few)} heads there are fewer than ${number(1 / CLAIM, 0)} different sets, so that no " +
        "choice could stand out."
}

/** The heads that every split chose. */
private fun steady(sets: RandomSets): String? {
    if (sets.splits.size < 2) return null
    val always = sets.splits.map { it.chosen.toSet() }.reduce { a, b -> a intersect b }
    val most = sets.splits.first().chosen.size
    if (always.isEmpty()) return "No head is among the top $most in all ${sets.splits.size} splits."
    val which = listed(sets.splits.first().chosen.filter { it in always })
    return "Among the top $most in all ${sets.splits.size} splits: $which."
}

/** How a joint ablation's intervals and p came about. */
private fun jointInference(
    grid: Grid,
    sets: RandomSets,
): String? {
    val inferred = grid.result.inference ?: return null
    return "Intervals: ${percent(inferred)}, by a t distribution, of what examples, splits and random sets differ; " +
        "p: rank among ${sets.draws} random sets, ${correctionWords(inferred)} over numbers of heads; " +
        "${sampleWords(inferred)}."
}

/** What a joint ablation does, for the method section. */
private fun methodOfJoint(joint: JointAblationSpec): String {
    val halves = if (joint.splits == 1) "one way of splitting" else "${joint.splits} ways of splitting"
    val where = if (joint.among == Among.AnyLayers) "from any layer" else "from the same layers, as many of each"
    return "Joint ablation of the heads that ${joint.ranking} ranks highest (${joint.order.name.lowercase()} first): " +
        "in ${run(joint.run)}, the outputs of the top k together are ${value(joint.value)}, for k = " +
        "${listed(joint.sizes.map { "$it" })}. Heads are ranked on one half of the groups of examples and measured " +
        "on the other, in $halves; an example's change is the mean over the splits that measure it. Means and other " +
        "examples' activations are taken from the whole set. The same is done with " +
        "${count(joint.draws, "random order")} of all heads in the ranking's place: as many heads, $where, the " +
        "chosen ones not left out, in the same splits. If the ranking were such an order, its sets would be one more " +
        "draw; so p is the share of the draws that lie at least as far from the mean of all, in standard deviations. " +
        "Measured is ${metric(joint.metric, "corrupted")}."
}

private const val TAIL = 0.025
