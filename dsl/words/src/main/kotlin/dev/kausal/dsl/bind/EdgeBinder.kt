package dev.kausal.dsl.bind

import dev.kausal.dsl.BuiltInMetric
import dev.kausal.dsl.Edge
import dev.kausal.dsl.NamedMetric
import dev.kausal.dsl.PlainMetric
import dev.kausal.dsl.accuracy
import dev.kausal.dsl.kl
import dev.kausal.dsl.mistakes.EdgeMistake
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

    /** Returns the number of edges of the model. */
    fun size(perQueryHead: Boolean): Int =
        if (perQueryHead) {
            binding.facts.shape.run { EdgeGraph(layers, heads, heads, parallel).size() }
        } else {
            graph.size()
        }

    /** Checks the model and the prompts of [set]. */
    fun inputs(set: ContrastSetSpec) {
        if (HookKind.NORMALIZED_RESID_POST in kinds) {
            binding.mistakes += EdgeMistake.NormedStream(line, neededBy, binding.facts.family)
        }
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
        if (by != null) {
            binding.steps(line, by)
            binding.drops(line, by)
        }
        val why =
            when {
                by == null -> {
                    null
                }

                metric is NamedMetric -> {
                    "a function of the script has no gradient; use a metric of the language, or by = exact"
                }

                metric === accuracy -> {
                    "its gradient is 0 everywhere; use logitDifference, or by = exact"
                }

                metric === kl && by is EstimateSpec.Gradient -> {
                    "its gradient is 0 in the clean run, which it compares with; use integratedGradients(5), or by " +
                        "= exact"
                }

                else -> {
                    null
                }
            }
        val text = (metric as? NamedMetric)?.name ?: (metric as BuiltInMetric).spec.text
        why?.let { binding.mistakes += EdgeMistake.NoGradient(line, text, by!!.word, it) }
        return binding.sweeps.metric(line, metric, set, emptyList())
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

    /** Returns the names of [edges], in their order; reports those that the model does not have. */
    fun names(edges: List<Edge>): List<String> {
        edges.groupBy { it.name }.filterValues { it.size > 1 }.keys.forEach {
            binding.bad(line, "the list of edges", "one with $it twice", "one that names each edge once")
        }
        edges.forEach { check(it) }
        return edges.map { it.name }
    }

    private fun check(edge: Edge) {
        if (graph.find(edge.name).isPresent) return
        val name = EdgeName.of(edge.name)
        val facts = binding.facts.shape
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
                    val sizes =
                        "layers 0 to ${facts.layers - 1}, heads 0 to ${facts.heads - 1} and key-value heads 0 to " +
                            "${facts.keyValueHeads - 1}"
                    EdgeMistake.NoSuchEdge(line, edge.name, sizes)
                }
            }
    }

    private fun isKnown(name: EdgeName): Boolean =
        graph.writers().any { it.label() == name.writer } && graph.readers().any { it.label() == name.reader }
}
