package dev.kausal.bundle

import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureNode
import dev.kausal.spec.FeatureNodeKind
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import java.util.Locale

/**
 * An attribution graph in the JSON that circuit-tracer writes for its viewer and that Neuronpedia reads (schema version 1).
 *
 * @property metadata prompt and settings
 * @property qParams what the viewer shows at first: nothing is pinned
 * @property nodes features, errors, tokens and logits
 * @property links direct effects
 */
@Serializable
public data class FeatureGraphFile(
    val metadata: Metadata,
    val qParams: View,
    val nodes: List<Node>,
    val links: List<Link>,
) {
    /** Prompt and settings. */
    @Serializable
    @Suppress("ConstructorParameterNaming") // the format's names
    public data class Metadata(
        val slug: String,
        val scan: String,
        val transcoder_list: List<String>,
        val prompt_tokens: List<String>,
        val prompt: String,
        val node_threshold: Double,
        val schema_version: Int,
    )

    /** What the viewer shows at first. */
    @Serializable
    @Suppress("ConstructorParameterNaming") // the format's names
    public data class View(
        val pinnedIds: List<String>,
        val supernodes: List<List<String>>,
        val linkType: String,
        val clickedId: String,
        val sg_pos: String,
    )

    /** A node. */
    @Serializable
    @OptIn(ExperimentalSerializationApi::class)
    @Suppress("ConstructorParameterNaming") // the format's names
    public data class Node(
        val node_id: String,
        val feature: Long,
        val layer: String,
        val ctx_idx: Int,
        val feature_type: String,
        val token_prob: Double,
        val is_target_logit: Boolean,
        val run_idx: Int,
        val reverse_ctx_idx: Int,
        val jsNodeId: String,
        val clerp: String,
        @EncodeDefault(EncodeDefault.Mode.ALWAYS)
        val influence: Double? = null,
        @EncodeDefault(EncodeDefault.Mode.ALWAYS)
        val activation: Float? = null,
    )

    /** A direct effect. */
    @Serializable
    public data class Link(
        val source: String,
        val target: String,
        val weight: Float,
    )

    /** Returns the text of a file. */
    public fun text(): String = format.encodeToString(serializer(), this) + "\n"

    public companion object {
        private const val SCHEMA = 1
        private val format = Json { ignoreUnknownKeys = true }

        /** Reads a file's text; throws `IllegalArgumentException` if it is none. */
        public fun read(text: String): FeatureGraphFile = format.decodeFromString(serializer(), text)

        /** Returns the files of the graphs of [result], by name; none if it has no graphs. */
        internal fun all(
            result: Result,
            experiment: ExperimentSpec,
            name: String,
        ): Map<String, String> {
            val graphs = result.graphs ?: return emptyMap()
            val spec = experiment.analysis(result.name)
            val prompts = spec.examples(experiment).map { if (spec.run == RunSpec.Clean) it.clean else it.corrupted }
            return graphs.indices.associate { i ->
                val slug = "$name-${i + 1}"
                "$slug.graph.json" to of(graphs[i], prompts[i]!!, experiment.model.config.layers, slug).text()
            }
        }

        /**
         * Returns [graph] in this format.
         *
         * @param layers number of layers of the model
         */
        public fun of(
            graph: FeatureGraphRecord,
            prompt: PromptSpec,
            layers: Int,
            slug: String,
        ): FeatureGraphFile {
            val first = graph.nodes.indexOfFirst { it.kind == FeatureNodeKind.Logit }
            val ids = graph.nodes.map { id(it, layers) }
            return FeatureGraphFile(
                Metadata(slug, graph.scan, emptyList(), prompt.tokens, prompt.text, graph.nodeThreshold, SCHEMA),
                View(emptyList(), emptyList(), "both", "", ""),
                graph.nodes.mapIndexed { i, node -> node(node, layers, target = i == first) },
                graph.links.map { Link(ids[it.source], ids[it.target], it.weight) },
            )
        }

        private fun id(
            node: FeatureNode,
            layers: Int,
        ): String =
            when (node.kind) {
                FeatureNodeKind.Feature -> "${node.layer}_${node.number}_${node.position}"
                FeatureNodeKind.Error -> "0_${node.layer}_${node.position}"
                FeatureNodeKind.Token -> "E_${node.number}_${node.position}"
                FeatureNodeKind.Logit -> "${layers + 1}_${node.number}_${node.position}"
            }

        private fun node(
            node: FeatureNode,
            layers: Int,
            target: Boolean,
        ): Node {
            val (feature, layer, type, js) =
                when (node.kind) {
                    FeatureNodeKind.Feature -> {
                        Shown(
                            cantor(node.layer!!, node.number!!),
                            "${node.layer}",
                            "cross layer transcoder",
                            "${node.layer}_${node.number}-0",
                        )
                    }

                    FeatureNodeKind.Error -> {
                        Shown(-1, "${node.layer}", "mlp reconstruction error", "${node.layer}_${node.position}-0")
                    }

                    FeatureNodeKind.Token -> {
                        Shown(node.position.toLong(), "E", "embedding", "E_${node.number}-${node.position}")
                    }

                    FeatureNodeKind.Logit -> {
                        Shown(node.number!!.toLong(), "${layers + 1}", "logit", "L_${node.number}-${node.position}")
                    }
                }
            return Node(
                id(node, layers),
                feature,
                layer,
                node.position,
                type,
                token_prob = node.probability ?: 0.0,
                is_target_logit = target,
                run_idx = 0,
                reverse_ctx_idx = 0,
                jsNodeId = js,
                clerp = node.probability?.let {
                    "Output \"${node.token}\" (p=${"%.3f".format(Locale.ROOT, it)})"
                }.orEmpty(),
                influence = node.cumulative,
                activation = node.activation,
            )
        }

        private data class Shown(
            val feature: Long,
            val layer: String,
            val type: String,
            val js: String,
        )

        /** Returns one number for two (Cantor's pairing function). */
        private fun cantor(
            first: Int,
            second: Int,
        ): Long = (first.toLong() + second) * (first + second + 1L) / 2 + second
    }
}
