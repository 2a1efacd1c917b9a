package dev.kausal.reports.stories

import dev.kausal.reports.result.RankedLinks
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.run
import dev.kausal.reports.words.signed
import dev.kausal.spec.AttributionGraphSpec
import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureNode
import dev.kausal.spec.FeatureNodeKind
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** Attribution graphs of prompts. */
internal object AttributionGraphStory : Story<AttributionGraphSpec> {
    override val spec = AttributionGraphSpec::class
    override val kind = ResultKind.AttributionGraph

    override fun title(grid: ResultGrid): String = "which features lead to the next token"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Graph

    override val background: String
        get() =
            "An attribution graph (Ameisen et al. 2025) holds for one prompt. The model runs as it is; " +
                "attention patterns, the divisors of norms and what MLPs write are then constants, so that each " +
                "feature's pre-activation and each logit is a sum of what the active features of earlier layers, " +
                "the errors of their transcoders, the tokens and the biases add. An edge is one of these " +
                "summands: activation times decoder vector, carried by attention to the target's encoder vector. " +
                "Influence follows all paths, with the sizes of edges as shares of what enters a node. The " +
                "replacement score is the influence of tokens divided by that of tokens and errors; completeness " +
                "is the share of what enters the nodes that is no error, weighted by their influence. Both are 1 " +
                "if transcoders leave no error, and are those of the graph before pruning. How attention patterns" +
                " come about is not part of the graph."

    override fun method(spec: AttributionGraphSpec): String {
        val skipped =
            if (spec.skip ==
                0
            ) {
                ""
            } else {
                " Features and errors of the first ${count(spec.skip, "position")} are left out."
            }
        return "Attribution graphs of ${run(spec.run)}. Logits: the fewest next tokens with a probability of " +
            "${number(spec.probability)} together, at most ${spec.maxLogits}, minus the mean logit. Features: the " +
            "${count(spec.maxFeatures, "active feature")} with the largest influence, ranked again after " +
            "${spec.step} each.$skipped Pruning keeps the nodes with ${percent(spec.nodeThreshold)} of the influence " +
            "and the edges with ${percent(spec.edgeThreshold)} of what the edges between them carry."
    }

    override fun findings(grid: ResultGrid): List<String> {
        val graph = grid.result.graphs?.firstOrNull() ?: return listOf(rangeFinding(grid))
        return listOf(headline(grid)) + listOfNotNull(against(graph), errors(grid), sizes(graph))
    }

    override fun headline(grid: ResultGrid): String {
        val graph = grid.result.graphs?.firstOrNull() ?: return rangeFinding(grid)
        val answer = graph.nodes.first { it.kind == FeatureNodeKind.Logit }
        val ranked = RankedLinks(graph)
        val raising = ranked.intoAnswer().filter { it.second > 0 }
        val features = raising.filter { it.first.kind == FeatureNodeKind.Feature }.take(NAMED)
        val of = "\"${answer.token?.trim()}\" (probability ${number(answer.probability)})"
        val prompt = if (grid.result.examples.size > 1) "In ${grid.result.examples.first()}, t" else "T"
        val named = features.map { (node, weight) -> "${feature(node, ranked)} (${signed(weight)})" }
        val by = if (named.isEmpty()) "by no feature directly" else "most by ${listed(named)}"
        return "${prompt}he most likely next token, $of, is raised $by. ${scores(grid)}"
    }

    private fun feature(
        node: FeatureNode,
        ranked: RankedLinks,
    ): String = "feature ${node.number} of layer ${node.layer} at \"${ranked.tokens[node.position].trim()}\""

    /** Describes what else leads to the most likely next token directly. */
    private fun against(graph: FeatureGraphRecord): String? {
        val into = RankedLinks(graph).intoAnswer()
        if (into.isEmpty()) return null
        val sums =
            KINDS.map { (kind, name) -> "$name ${signed(into.filter { it.first.kind == kind }.sumOf { it.second })}" }
        return "The kept edges into its logit add up to ${listed(sums)}."
    }

    private fun scores(grid: ResultGrid): String {
        val (replacement, completeness) = AttributionGraphSpec.CELLS.indices.map { cell ->
            val interval = grid.interval(cell)?.let { (low, high) -> " (${number(low)} to ${number(high)})" }.orEmpty()
            number(grid.mean(cell)) + interval
        }
        val over = grid.result.examples.size.let { if (it > 1) "Over $it prompts, the" else "The" }
        return "$over replacement score is $replacement and completeness $completeness; " +
            "1 would be a graph without errors."
    }

    private fun errors(grid: ResultGrid): String? =
        grid.mean(0)?.let { "${percent(1 - it)} of the influence that starts at tokens or errors starts at errors." }

    private fun sizes(graph: FeatureGraphRecord): String {
        val features = graph.nodes.count { it.kind == FeatureNodeKind.Feature }
        val errors = graph.nodes.count { it.kind == FeatureNodeKind.Error }
        return "Of ${count(
            graph.active,
            "active feature",
        )}, ${graph.expanded} were nodes; pruning leaves $features of " +
            "these, ${count(errors, "error")} and ${count(graph.links.size, "edge")}."
    }

    private fun percent(share: Double): String = "${number(PERCENT * share, 1)} %"

    private const val PERCENT = 100

    /** What can lead to a logit. */
    private val KINDS =
        listOf(
            FeatureNodeKind.Feature to "features",
            FeatureNodeKind.Error to "errors",
            FeatureNodeKind.Token to "tokens",
        )

    /** Features that a sentence names. */
    private const val NAMED = 3
}
