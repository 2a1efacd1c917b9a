package dev.kausal.dsl.bind

import dev.kausal.dsl.Edge
import dev.kausal.dsl.EdgeDimension
import dev.kausal.dsl.EdgesDeclaration
import dev.kausal.dsl.PlainMetric
import dev.kausal.dsl.mistakes.EdgeMistake
import dev.kausal.dsl.mistakes.LikelihoodMistake
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.CircuitPart
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.EdgeName
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.MinimalitySpec

/** Checks edges and circuits against the model and the sets. */
internal class EdgeBinder(
    private val binding: Binding,
    private val line: Int?,
    private val neededBy: String,
) {
    private val kinds = binding.facts.points.map { it.kind() }.toSet()
    private val parallel = kinds.isNotEmpty() && HookKind.RESID_MID !in kinds

    /** The edges of the model. */
    val graph: EdgeGraph = binding.facts.shape.run { EdgeGraph(layers, heads, keyValueHeads, parallel) }

    /** The number of heads that share a key-value head. */
    val group: Int get() = binding.facts.shape.run { heads / keyValueHeads }

    /** Returns the number of the edge called [name]; null if the model has none. */
    fun find(name: String): Int? = graph.find(name).let { if (it.isPresent) it.asInt else null }

    /** Reports blocks that norm the stream; returns whether they do. */
    fun normed(): Boolean {
        val normed = HookKind.NORMALIZED_RESID_POST in kinds
        if (normed) binding.mistakes += EdgeMistake.NormedStream(line, neededBy, binding.facts.family)
        return normed
    }

    /** Reports an end of edges that the model does not have. */
    fun ends(dimension: EdgeDimension) {
        val isWriter = dimension.writer != null
        val name = dimension.writer ?: dimension.reader.orEmpty()
        val known = if (isWriter) graph.writers().map { it.label() } else graph.readers().map { it.label() }
        if (name !in known) binding.mistakes += EdgeMistake.NoSuchEnd(line, name, isWriter, sizes)
    }

    /** Returns the number of edges of the model. */
    fun size(perQueryHead: Boolean): Int =
        if (perQueryHead) {
            binding.facts.shape.run { EdgeGraph(layers, heads, heads, parallel).size() }
        } else {
            graph.size()
        }

    /** Checks the model and the prompts of [set]. */
    fun inputs(set: ContrastSetSpec) {
        normed()
        binding.needs.corrupted(line, neededBy, set)
        val pairs = set.contrasts.mapNotNull { contrast ->
            contrast.corrupted?.let { Triple(contrast.label, contrast.clean, it) }
        }
        val unequal = pairs.filter { (_, clean, corrupted) -> clean.length != corrupted.length }
        unequal.firstOrNull()?.let { (label, clean, corrupted) ->
            binding.mistakes +=
                EdgeMistake.UnequalRuns(line, neededBy, label, clean.length, corrupted.length, unequal.size - 1)
        }
        val same = pairs.filter { (_, clean, corrupted) ->
            clean.copy(subject = null) == corrupted.copy(subject = null)
        }
        if (same.isNotEmpty()) binding.mistakes += EdgeMistake.SameRuns(line, neededBy, same.map { it.first })
    }

    /** Returns the data of [metric], whose gradient is taken if [by] is not null. */
    fun metric(
        metric: PlainMetric,
        by: EstimateSpec?,
        set: ContrastSetSpec,
    ): MetricSpec {
        val spec = binding.sweeps.metric(line, metric, set, emptyList())
        if (spec is MetricSpec.Likelihood) binding.mistakes += LikelihoodMistake.OfEdges(line, spec.text)
        if (by != null) binding.gradient(line, spec, by, ofClean = true, ofEdges = true)
        return spec
    }

    /** Returns what is taken out of the circuit of [size] edges; reports a size that is not one of [sizes]. */
    fun minimality(
        size: Int,
        sizes: List<Int>,
    ): MinimalitySpec {
        if (size !in sizes) binding.bad(line, "minimality", "$size", "one of the sizes ${sizes.joinToString()}")
        val single = size <= MinimalitySpec.MOST_EDGES
        val by = if (single) CircuitPart.Edge else CircuitPart.Writer
        return MinimalitySpec(size, by, if (single) size else graph.writers().size)
    }

    /** Returns the ranking of all edges called [name]; null, and reports it, if there is none. */
    fun ranking(name: String): EdgesDeclaration? {
        val ranking = binding.declared(name) as? EdgesDeclaration
        val found =
            when {
                ranking == null -> "another analysis"
                ranking.only != null -> "one of some edges"
                ranking.perQueryHead && isGrouped -> "one with perQueryHead"
                else -> return ranking
            }
        val expected = "an edgeAttribution of all edges, without only and perQueryHead"
        binding.bad(line, "the ranking $name", found, expected)
        return null
    }

    private val isGrouped: Boolean get() = binding.facts.shape.run { heads != keyValueHeads }

    /** Returns the names of [edges], in their order; reports those that the model does not have. */
    fun names(edges: List<Edge>): List<String> {
        edges.groupBy { it.name }.filterValues { it.size > 1 }.keys.forEach {
            binding.bad(line, "the list of edges", "one with $it twice", "one that names each edge once")
        }
        edges.forEach { check(it) }
        return edges.map { it.name }
    }

    private fun check(edge: Edge) {
        if (find(edge.name) != null) return
        val name = EdgeName.of(edge.name)
        val badWriter = !EdgeName.isWriter(edge.name.substringBefore(" -> "))
        binding.mistakes +=
            when {
                name == null -> {
                    EdgeMistake.MalformedEdge(line, edge.name, badWriter)
                }

                isKnown(name) -> {
                    EdgeMistake.BackwardEdge(line, edge.name, parallel)
                }

                else -> {
                    EdgeMistake.NoSuchEdge(line, edge.name, sizes)
                }
            }
    }

    private val sizes: String
        get() =
            binding.facts.shape.run {
                "layers 0 to ${layers - 1}, heads 0 to ${heads - 1} and key-value heads 0 to ${keyValueHeads - 1}"
            }

    private fun isKnown(name: EdgeName): Boolean =
        graph.writers().any { it.label() == name.writer } && graph.readers().any { it.label() == name.reader }
}
