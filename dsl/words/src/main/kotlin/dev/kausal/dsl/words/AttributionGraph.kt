package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.TranscoderBinder
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.AttributionGraphSpec
import dev.kausal.spec.ContrastSetSpec

/** The result of [attributionGraph]: scores of the graphs. */
public class AttributionGraphHandle internal constructor(
    override val name: String,
) : GridHandle()

/**
 * Finds the attribution graph of each prompt (Ameisen et al. 2025): direct effects between active features of [transcoders], their
 * errors, tokens and the most likely next tokens, in a model whose attention patterns and norms are constants.
 *
 * @param maxFeatures most features that are nodes; those with the largest influence on the logits are taken
 * @param maxLogits most tokens whose logits are nodes
 * @param probability logits are the fewest tokens that have this probability together
 * @param step features that are added before influences are computed again
 * @param skip first positions whose features and errors are left out, such as 1 for a start token
 * @param nodeThreshold share of all influence that the nodes have that pruning keeps
 * @param edgeThreshold share of what edges carry that those have that pruning keeps
 */
public fun ExperimentScope.attributionGraph(
    inputs: Inputs<CausalLm>,
    transcoders: Transcoders,
    maxFeatures: Int = 1000,
    maxLogits: Int = 10,
    probability: Double = 0.95,
    step: Int = 256,
    run: Run = clean,
    skip: Int = 1,
    nodeThreshold: Double = 0.8,
    edgeThreshold: Double = 0.98,
): Analysis<AttributionGraphHandle> {
    val line = ScriptLines.line()
    val limits = GraphLimits(maxFeatures, maxLogits, probability, step, skip, nodeThreshold, edgeThreshold)
    return analysis(::AttributionGraphHandle) {
        AttributionGraphDeclaration(it, inputs, line, transcoders, run, limits)
    }
}

internal class GraphLimits(
    val maxFeatures: Int,
    val maxLogits: Int,
    val probability: Double,
    val step: Int,
    val skip: Int,
    val nodeThreshold: Double,
    val edgeThreshold: Double,
)

internal class AttributionGraphDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val transcoders: Transcoders,
    private val run: Run,
    private val limits: GraphLimits,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AttributionGraphSpec? {
        val read = binding.readRun(this, run, set)
        binding.dictionaries.skip(line, limits.skip, set, run)
        check(binding)
        val layers = TranscoderBinder(binding).layers(transcoders, line) ?: return null
        return AttributionGraphSpec(
            name,
            set.name,
            line,
            read,
            layers.map { it.index },
            limits.maxFeatures,
            limits.maxLogits,
            limits.probability,
            limits.step,
            limits.skip,
            limits.nodeThreshold,
            limits.edgeThreshold,
        )
    }

    private fun check(binding: Binding) {
        val counts =
            mapOf("maxFeatures" to limits.maxFeatures, "maxLogits" to limits.maxLogits, "step" to limits.step)
        counts.filterValues { it < 1 }.forEach { (name, count) -> binding.bad(line, name, "$count", "1 or more") }
        val shares =
            mapOf(
                "probability" to limits.probability,
                "nodeThreshold" to limits.nodeThreshold,
                "edgeThreshold" to limits.edgeThreshold,
            )
        shares.filterValues { !(it > 0 && it <= 1) }
            .forEach { (name, share) -> binding.bad(line, name, "$share", "more than 0, at most 1") }
    }
}
