package dev.kausal.bundle

import dev.kausal.spec.EdgeName
import dev.kausal.spec.ModelShape
import dev.kausal.spec.Result
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlin.math.sign

/**
 * Scores of edges in the JSON of the MIB benchmark's circuit track (Mueller et al. 2025): `a3.h5->a7.h5<q>`, `input`, `m3`, where a
 * positive score helps the clean prompt's answer.
 *
 * @property cfg sizes of the model
 * @property nodes all nodes
 * @property edges all edges with their scores
 */
@Serializable
public data class MibScores(
    val cfg: Config,
    val nodes: Map<String, Node>,
    val edges: Map<String, Edge>,
) {
    /** Sizes by MIB's names. */
    @Serializable
    @Suppress("ConstructorParameterNaming") // the format's names
    public data class Config(
        val n_layers: Int,
        val n_heads: Int,
        val parallel_attn_mlp: Boolean,
        val d_model: Int,
    )

    /** Whether a node is in the circuit. */
    @Serializable
    @Suppress("ConstructorParameterNaming") // the format's name
    public data class Node(
        val in_graph: Boolean,
    )

    /** A score, and whether the edge is in the circuit. */
    @Serializable
    @Suppress("ConstructorParameterNaming") // the format's name
    public data class Edge(
        val score: Double,
        val in_graph: Boolean,
    )

    /** Returns the scores by the names of edges in results, with their sign there if clean runs have the larger metric. */
    public fun effects(): Map<String, Double> =
        edges.entries.associate { (name, edge) -> kausalName(name) to -edge.score }

    /** Returns the text of a file. */
    public fun text(): String = format.encodeToString(serializer(), this)

    public companion object {
        private val format = Json { ignoreUnknownKeys = true }
        private val HEAD = Regex("a(\\d+)\\.h(\\d+)(?:<([qkv])>)?")
        private val MLP = Regex("m(\\d+)")

        /** Reads a file's text; throws `IllegalArgumentException` if it is none. */
        public fun read(text: String): MibScores = format.decodeFromString(serializer(), text)

        /**
         * Returns the scores of [result], which has all edges of a model of these sizes; null if keys and values are those of
         * groups of heads, for which the format has no edges, if an edge is missing, or if scores
         * have no sign.
         */
        public fun of(
            result: Result,
            shape: ModelShape,
        ): MibScores? {
            val labels = result.axes.singleOrNull()?.labels.orEmpty()
            if (result.edges == null || result.estimate?.unsigned == true) return null
            val parallel = "L0H0 -> L0 mlp" !in labels.toSet()
            if (labels.size != number(shape, parallel)) return null

            fun mean(run: String) = result.baseline.getValue(run).filterNotNull().average()
            val direction = sign(mean("corrupted") - mean("clean"))
            val config = Config(shape.layers, shape.heads, parallel, shape.dModel)
            val means = result.mean
            val edges = labels.indices.associate { mibName(labels[it]) to Edge(direction * (means[it] ?: 0.0), true) }
            return MibScores(config, nodes(shape).associateWith { Node(true) }, edges)
        }

        /** The number of edges by MIB's formula. */
        private fun number(
            shape: ModelShape,
            parallel: Boolean,
        ): Int {
            val own = if (parallel) 0 else shape.heads
            val before = { layer: Int -> 1 + layer * (shape.heads + 1) }
            val ofLayers = (0 until shape.layers).sumOf { before(it) * 3 * shape.heads + before(it) + own }
            return ofLayers + before(shape.layers)
        }

        private fun nodes(shape: ModelShape): List<String> =
            listOf("input") +
                (0 until shape.layers).flatMap { layer ->
                    List(shape.heads) { "a$layer.h$it" } + "m$layer"
                } + "logits"

        private fun mibName(label: String): String {
            val edge = EdgeName.of(label)!!
            return "${mibEnd(edge.writer)}->${mibEnd(edge.reader)}"
        }

        /** `L3H5` is `a3.h5`, `L7.q5` is `a7.h5<q>`. */
        private fun mibEnd(end: String): String =
            end
                .replace(Regex("L(\\d+)H(\\d+)"), "a$1.h$2")
                .replace(Regex("L(\\d+)\\.([qkv])(\\d+)"), "a$1.h$3<$2>")
                .replace(Regex("L(\\d+) mlp"), "m$1")
                .replace("embed", "input")

        private fun kausalName(name: String): String = name.split("->").joinToString(" -> ", transform = ::kausalEnd)

        private fun kausalEnd(end: String): String =
            HEAD.matchEntire(end)?.destructured?.let { (layer, head, part) ->
                if (part.isEmpty()) "L${layer}H$head" else "L$layer.$part$head"
            } ?: MLP.matchEntire(end)?.let { "L${it.groupValues[1]} mlp" } ?: end.replace("input", "embed")
    }
}
