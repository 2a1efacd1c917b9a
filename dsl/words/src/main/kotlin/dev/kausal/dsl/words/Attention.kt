package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.choice
import dev.kausal.dsl.bind.heads
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.AttentionPart
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ModelShape

/**
 * Reads attention, of any model and input. The result includes the difference between the pattern and one recomputed
 * from queries and keys by plain arithmetic.
 *
 * @param layers layers; all if null; negative ones count from the end, so -1 is the last
 * @param heads heads of each layer; all if null
 * @param of [pattern], [scores], [queries], [keys], [finalQueries] or [finalKeys]
 * @param meanOverHeads whether to average over the heads
 * @param meanOverLayers whether to average over the layers
 */
public fun ExperimentScope.attention(
    inputs: Inputs<*>,
    layers: Iterable<Int>? = null,
    heads: Iterable<Int>? = null,
    of: AttentionPart = pattern,
    meanOverHeads: Boolean = false,
    meanOverLayers: Boolean = false,
    run: Run = clean,
): Analysis<AttentionHandle> {
    val line = ScriptLines.line()
    return analysis(::AttentionHandle) {
        AttentionDeclaration(
            it,
            inputs,
            line,
            run,
            layers?.toList(),
            heads?.toList(),
            of,
            meanOverHeads,
            meanOverLayers,
        )
    }
}

/**
 * Reads attention in the layers of [top], which are known once its result has run; other parameters as for all layers.
 */
public fun ExperimentScope.attention(
    inputs: Inputs<*>,
    top: Top,
    of: AttentionPart = pattern,
    meanOverHeads: Boolean = false,
    run: Run = clean,
): Analysis<AttentionHandle> {
    val line = ScriptLines.line()
    return analysis(::AttentionHandle) {
        AttentionDeclaration(it, inputs, line, run, null, null, of, meanOverHeads, meanOverLayers = false, top)
    }
}

/** Attention probabilities [head, query, key]. */
public val pattern: AttentionPart get() = AttentionPart.Pattern

/** Attention scores before the softmax, scaled [head, query, key]; masked keys have none. */
public val scores: AttentionPart get() = AttentionPart.Scores

/** Projected queries [head, position, d_head]. */
public val queries: AttentionPart get() = AttentionPart.Queries

/** Projected keys [key-value head, position, d_head]. */
public val keys: AttentionPart get() = AttentionPart.Keys

/** Queries after norm, rotation and scaling [head, position, d_head]. */
public val finalQueries: AttentionPart get() = AttentionPart.FinalQueries

/** Keys after norm and rotation [key-value head, position, d_head]. */
public val finalKeys: AttentionPart get() = AttentionPart.FinalKeys

/** Attention patterns. */
public class AttentionHandle internal constructor(
    override val name: String,
) : ResultHandle()

internal class AttentionDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val run: Run,
    private val layers: List<Int>?,
    private val heads: List<Int>?,
    private val part: AttentionPart,
    private val meanOverHeads: Boolean,
    private val meanOverLayers: Boolean,
    private val top: Top? = null,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AttentionSpec {
        val run = binding.readRun(this, run, set)
        val found = if (top == null) binding.layers(line, layers) else emptyList()
        val chosen = heads?.let { binding.heads(line, found, it) }
        val choice = top?.let { binding.choice(line, it, layers = true) }
        val spec = AttentionSpec(name, set.name, line, found, run, chosen, part, meanOverHeads, meanOverLayers, choice)
        val numbers = numbers(spec, set, binding.facts.shape)
        if (numbers > MOST) binding.mistakes += Mistake.TooManyNumbers(line, name, numbers, MOST)
        return spec
    }

    /** Estimates how many numbers the result will have. */
    private fun numbers(
        spec: AttentionSpec,
        set: ContrastSetSpec,
        shape: ModelShape,
    ): Long {
        val length = set.contrasts.maxOfOrNull { it.clean.length } ?: 0
        val perPosition = spec.part != AttentionPart.Pattern && spec.part != AttentionPart.Scores
        val matrix = length.toLong() * if (perPosition) shape.dHead else length
        val layers = if (spec.meanOverLayers) 1 else spec.choice?.count ?: spec.layers.size
        val heads = if (spec.meanOverHeads) 1 else spec.heads?.size ?: shape.heads
        return set.contrasts.size * layers * heads * matrix
    }

    private companion object {
        /** About a gigabyte of `results.json`. */
        const val MOST = 50_000_000L
    }
}
