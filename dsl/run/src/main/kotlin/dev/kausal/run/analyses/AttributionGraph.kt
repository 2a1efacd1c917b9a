package dev.kausal.run.analyses

import dev.kausal.engine.replacement.AttributionGraph
import dev.kausal.engine.replacement.GraphScores
import dev.kausal.engine.replacement.GraphSettings
import dev.kausal.engine.replacement.LayerTranscoder
import dev.kausal.engine.replacement.PrunedGraph
import dev.kausal.engine.requests.FeatureGraph
import dev.kausal.engine.requests.TokenNames
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.readAt
import dev.kausal.spec.AttributionGraphSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureLink
import dev.kausal.spec.FeatureNode
import dev.kausal.spec.FeatureNodeKind
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.ValueRange

/** Attribution graphs, one prompt at a time. */
internal object AttributionGraphAnalysis : JournaledReading<AttributionGraphSpec>(AttributionGraphSpec::class) {
    override fun read(
        spec: AttributionGraphSpec,
        on: RunContext,
    ): List<Result> {
        val contrasts = on.contrasts(spec)
        val graphs = on.perExample(spec) { GraphOfPrompt(spec, on, it).record() }
        val rows = graphs.map { listOf(it.replacement, it.completeness) }
        val axes = listOf(AxisSpec("score", AttributionGraphSpec.CELLS))
        val result =
            measured(
                spec.name,
                ResultKind.AttributionGraph,
                AttributionGraphSpec.SCORES,
                axes,
                contrasts.map { it.label },
                rows,
            ).copy(graphs = graphs)
        return listOf(on.inference?.of(result, contrasts, tested = { false }, range = ValueRange.SHARE) ?: result)
    }
}

/** The graph of one prompt as a result has it. */
private class GraphOfPrompt(
    private val spec: AttributionGraphSpec,
    private val on: RunContext,
    contrast: ContrastSpec,
) {
    private val prompt: PromptSpec = contrast.promptOf(spec.run)
    private val graph: AttributionGraph = on.backend.answer(request())

    private fun request(): FeatureGraph {
        val transcoders = spec.transcoders.map { number ->
            val of = on.spec.dictionaries[number]
            val writes = checkNotNull(of.writes) { "${of.ref} is no transcoder" }
            LayerTranscoder(of.site, writes, on.inputs.dictionaries[number].get())
        }
        val settings = GraphSettings(spec.maxLogits, spec.probability, spec.maxFeatures, spec.step, spec.skip)
        return FeatureGraph(on.inputs.of(prompt), prompt.readAt, transcoders, settings, on.backend.budget)
    }

    fun record(): FeatureGraphRecord {
        val pruned = PrunedGraph.of(graph, spec.nodeThreshold, spec.edgeThreshold)
        val scores = GraphScores.of(graph)
        val sources = pruned.sources().stream().toArray()
        val places = sources.withIndex().associate { (place, source) -> source to place }
        val nodes = sources.map { source(it, pruned) } + logits()
        val features = graph.features().size
        val links = pruned.links().map { link ->
            val target = link.target()
            val at = if (target < features) places.getValue(target) else sources.size + target - features
            FeatureLink(places.getValue(link.source()), at, link.weight())
        }
        return FeatureGraphRecord(
            graph.active(),
            features,
            nodes,
            links,
            scores.replacement(),
            scores.completeness(),
            on.spec.dictionaries[spec.transcoders.first()].let { it.scan ?: it.ref },
            spec.nodeThreshold,
        )
    }

    private fun source(
        source: Int,
        pruned: PrunedGraph,
    ): FeatureNode {
        val influence = pruned.influence()[source]
        val cumulative = pruned.cumulative()[source]
        val features = graph.features().size
        if (source < features) {
            val own = graph.features()[source]
            return FeatureNode(
                FeatureNodeKind.Feature,
                own.layer(),
                own.position(),
                own.feature(),
                activation = own.activation(),
                influence = influence,
                cumulative = cumulative,
            )
        }
        val layer = (source - features) / graph.positions()
        val position = (source - features) % graph.positions()
        if (layer < graph.layers()) {
            val kind = FeatureNodeKind.Error
            return FeatureNode(kind, layer, position, influence = influence, cumulative = cumulative)
        }
        return FeatureNode(
            FeatureNodeKind.Token,
            position = position,
            number = prompt.ids[position],
            token = prompt.tokens[position],
            influence = influence,
            cumulative = cumulative,
        )
    }

    private fun logits(): List<FeatureNode> {
        val names = on.backend.answer(TokenNames(graph.logits().toList()))
        return graph.logits().indices.map { i ->
            FeatureNode(
                FeatureNodeKind.Logit,
                position = prompt.readAt,
                number = graph.logits()[i],
                token = names[i],
                probability = graph.probabilities()[i],
            )
        }
    }
}
