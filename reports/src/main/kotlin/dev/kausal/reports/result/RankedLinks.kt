package dev.kausal.reports.result

import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureLink
import dev.kausal.spec.FeatureNode
import dev.kausal.spec.FeatureNodeKind
import kotlin.math.abs

/** The edges of an attribution graph by how much of the influence on the logits they carry, and the names of its nodes. */
internal class RankedLinks(
    private val graph: FeatureGraphRecord,
) {
    /**
     * An edge.
     *
     * @property rank its place, from 1
     * @property share of all that enters its target, by size
     */
    class Ranked(
        val rank: Int,
        val link: FeatureLink,
        val share: Double,
    )

    /** Text of each token of the prompt. */
    val tokens: List<String> =
        graph.nodes.filter { it.kind == FeatureNodeKind.Token }.sortedBy { it.position }.map { it.token.orEmpty() }

    /** All edges, those that carry most first. */
    val links: List<Ranked>

    init {
        val entering = HashMap<Int, Double>()
        graph.links.forEach { entering.merge(it.target, abs(it.weight.toDouble()), Double::plus) }

        fun share(link: FeatureLink) = abs(link.weight) / entering.getValue(link.target)

        fun carried(link: FeatureLink): Double {
            val target = graph.nodes[link.target]
            return share(link) * (target.probability ?: target.influence ?: 0.0)
        }
        links = graph.links.sortedByDescending(::carried).mapIndexed { i, link -> Ranked(i + 1, link, share(link)) }
    }

    /** Returns the name of [node]: where it is, and of what. */
    fun name(node: FeatureNode): String {
        val at = "${tokens.getOrNull(node.position).orEmpty().trim()} (${node.position})"
        return when (node.kind) {
            FeatureNodeKind.Feature -> "L${node.layer} f${node.number} at $at"
            FeatureNodeKind.Error -> "L${node.layer} error at $at"
            FeatureNodeKind.Token -> "token $at"
            FeatureNodeKind.Logit -> "next token ${node.token.orEmpty().trim()}"
        }
    }

    /** Returns what leads to the most likely next token directly, strongest first. */
    fun intoAnswer(): List<Pair<FeatureNode, Double>> {
        val answer = graph.nodes.indexOfFirst { it.kind == FeatureNodeKind.Logit }
        return graph.links.filter { it.target == answer }
            .sortedByDescending { abs(it.weight) }
            .map { graph.nodes[it.source] to it.weight.toDouble() }
    }
}
