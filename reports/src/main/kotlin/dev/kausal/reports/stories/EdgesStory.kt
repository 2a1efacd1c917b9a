package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.formatOf
import dev.kausal.reports.result.roundingOf
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.BackwardRules
import dev.kausal.spec.EdgeEffect
import dev.kausal.spec.EdgeSummary
import dev.kausal.spec.EdgesSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Softmax
import dev.kausal.spec.Writes
import kotlin.math.abs

/** Effects of single edges. */
internal object EdgesStory : Story<EdgesSpec> {
    override val spec = EdgesSpec::class
    override val kind = ResultKind.Edges

    override fun title(grid: ResultGrid): String = "which edges carry the ${metricWords(grid.plain)}"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override val background: String
        get() =
            "An edge goes from what writes to the residual stream (embedding, head, MLP) to one input of what reads " +
                "it (a head's queries, keys or values, an MLP, the logits). Its effect is the metric of the clean " +
                "run if this edge alone carries the corrupted run's output, minus the metric of the clean run."

    override fun method(spec: EdgesSpec): String =
        when (val by = spec.by) {
            null -> {
                "Effects of edges, exactly: a run for each, in which its reader sees the corrupted run's output of " +
                    "its writer."
            }

            is EstimateSpec.Gradient -> {
                "Effects of edges, estimated (edge attribution patching, Syed et al. 2023): the difference of the " +
                    "writer's outputs times the gradient at the reader's input in the clean run${rules(by.rules)}."
            }

            is EstimateSpec.IntegratedGradients -> {
                "Effects of edges, estimated (EAP-IG, Hanna et al. 2024): the difference of the writer's outputs " +
                    "times the mean gradient at the reader's input over ${count(
                        by.steps,
                        "point",
                    )} of the line from the " +
                    "corrupted embedding to the clean one${rules(by.rules)}."
            }
        }

    private fun rules(rules: BackwardRules): String {
        val others = rules.copy(softmax = Softmax.Tangent, writes = Writes.Kept)
        val changed = if (others.plain) "" else ", with changed rules of the backward pass"
        val softmax =
            if (rules.softmax == Softmax.Recomputed) {
                "; for queries and keys, the change of the attention pattern through norm and softmax times the " +
                    "gradient there"
            } else {
                ""
            }
        val sizes =
            if (rules.writes == Writes.Dropped) {
                "; sizes without a sign, means over passes in which nothing flows through what one layer writes"
            } else {
                ""
            }
        return changed + softmax + sizes
    }

    override fun metric(spec: EdgesSpec): String = metric(spec.metric, "corrupted")

    override fun findings(grid: ResultGrid): List<String> {
        val edges = grid.result.edges ?: return emptyList()
        return listOf(strongest(edges, grid)) + totals(edges)
    }

    override fun headline(grid: ResultGrid): String = grid.result.edges?.let { strongest(it, grid) }.orEmpty()

    private fun strongest(
        edges: EdgeSummary,
        grid: ResultGrid,
    ): String {
        val few = edges.strongest.filter { abs(it.mean) > roundingOf(grid) }.take(NAMED)
        val estimated = if (grid.result.estimate == null) "" else "estimated "
        val unsigned = grid.result.estimate?.unsigned == true
        val on = "${count(edges.edges, "edge")} on the ${metricWords(grid.plain)}"
        if (few.isEmpty()) return "No ${estimated}effect of $on exceeds ${formatOf(grid)} rounding."
        val sizes = if (unsigned) ", as sizes without a sign" else ""
        return "Largest ${estimated}effects of $on$sizes: ${listed(few.map { effect(it, unsigned) })}."
    }

    private fun effect(
        edge: EdgeEffect,
        unsigned: Boolean,
    ): String {
        val low = edge.ciLow
        val high = edge.ciHigh
        val interval = if (low == null || high == null) "" else " (${number(low)} to ${number(high)})"
        return "${edge.edge} ${if (unsigned) number(edge.mean) else signed(edge.mean)}$interval"
    }

    /** Where most of the effect is, by kind of writer and reader. */
    private fun totals(edges: EdgeSummary): String {
        val order = edges.totals.sortedByDescending { it.absolute }.take(NAMED)
        val parts = order.map { "${it.from} to ${it.to} ${signed(it.sum)} (absolute values ${number(it.absolute)})" }
        return "Effects summed by kind of edge, largest first: ${listed(parts)}."
    }

    override fun inference(grid: ResultGrid): String? {
        val inferred = grid.result.inference ?: return null
        val strongest = grid.result.edges?.strongest?.size ?: 0
        return "${percent(
            inferred,
        )} intervals for the ${count(strongest, "edge")} with the largest effects, each on its " +
            "own; edges are not tested.${clusterSentence(inferred)}"
    }

    /** Edges that a sentence names. */
    private const val NAMED = 3
}
