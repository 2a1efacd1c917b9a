package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.engine.analysis.attention.TokenTarget
import dev.kausal.spec.AttentionMeasure
import dev.kausal.spec.AttentionMeasureSpec
import dev.kausal.spec.ContrastSetSpec

/**
 * A number that describes the attention of a head, or of a layer's heads, in a model of kind [M].
 *
 * @see entropy
 * @see diversity
 */
public class HeadMeasure<in M : Capability> internal constructor(
    internal val spec: AttentionMeasure,
)

/** Entropy of attention over keys in nats, mean over queries [layer, head]. */
public val entropy: HeadMeasure<Capability> = HeadMeasure(AttentionMeasure.Entropy)

/**
 * Mean cosine distance of all pairs of a layer's heads' maps [layer]. Maps are from `[CLS]`, or whole patterns in a
 * model without one.
 */
public val diversity: HeadMeasure<Capability> = HeadMeasure(AttentionMeasure.Diversity)

/** Mean distance, in patches, between a patch and the patches that it attends to [layer, head]. */
public val distance: HeadMeasure<ImageModel> = HeadMeasure(AttentionMeasure.Distance)

/** Row of the patch with the most attention from `[CLS]` [layer, head]. */
public val peakRow: HeadMeasure<ImageModel> = HeadMeasure(AttentionMeasure.PeakRow)

/** Column of the patch with the most attention from `[CLS]` [layer, head]. */
public val peakColumn: HeadMeasure<ImageModel> = HeadMeasure(AttentionMeasure.PeakColumn)

/** Share of the strongest patch in the attention from `[CLS]` to patches [layer, head]. */
public val peak: HeadMeasure<ImageModel> = HeadMeasure(AttentionMeasure.Peak)

/** 1 − entropy / ln patches of the attention from `[CLS]`: 0 if uniform, 1 if one patch gets all [layer, head]. */
public val concentration: HeadMeasure<ImageModel> = HeadMeasure(AttentionMeasure.Concentration)

/** Share of all attention that goes to the first special token, `[CLS]` or `<s>` [layer, head]. */
public val clsShare: HeadMeasure<Capability> = HeadMeasure(AttentionMeasure.ClsShare)

/** Share of all attention that goes to separators, such as `[SEP]` [layer, head]. */
public val separatorShare: HeadMeasure<TextEncoder> = HeadMeasure(AttentionMeasure.SeparatorShare)

/**
 * Attention to the previous token, mean over the tokens that have one: near 1 for a previous-token head [layer, head].
 */
public val previousTokenScore: HeadMeasure<CausalLm> = HeadMeasure(AttentionMeasure.PreviousToken)

/**
 * Attention to earlier occurrences of the same token, mean over the tokens that have one: near 1 for a duplicate-token
 * head (Wang et al. 2023) [layer, head].
 */
public val duplicateTokenScore: HeadMeasure<CausalLm> = HeadMeasure(AttentionMeasure.DuplicateToken)

/**
 * Attention to tokens that follow an earlier occurrence of the same token, mean over the tokens that have one: near 1
 * for an induction head (Olsson et al. 2022) [layer, head].
 */
public val inductionScore: HeadMeasure<CausalLm> = HeadMeasure(AttentionMeasure.Induction)

/**
 * [measure] of every head or layer, for example `attentionMeasure(texts, entropy)`.
 *
 * @param layers layers; all if null; negative ones count from the end
 */
public fun <M : Capability> ExperimentScope.attentionMeasure(
    inputs: Inputs<M>,
    measure: HeadMeasure<M>,
    layers: Iterable<Int>? = null,
): Analysis<MeasureHandle> {
    val line = ScriptLines.line()
    return analysis(::MeasureHandle) { AttentionMeasureDeclaration(it, inputs, line, layers?.toList(), measure.spec) }
}

/** A measure of every head or layer. */
public class MeasureHandle internal constructor(
    override val name: String,
) : GridHandle()

internal class AttentionMeasureDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val layers: List<Int>?,
    private val measure: AttentionMeasure,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AttentionMeasureSpec {
        val found = binding.layers(line, layers)
        measurable(binding, set)
        return AttentionMeasureSpec(name, set.name, line, found, measure)
    }

    /** Reports inputs that lack what [measure] needs. */
    private fun measurable(
        binding: Binding,
        set: ContrastSetSpec,
    ) {
        val prompts = set.contrasts.map { it.clean to it.label }
        if (measure == AttentionMeasure.ClsShare) binding.spans.check(line, "clsShare", cls, prompts)
        if (measure == AttentionMeasure.SeparatorShare) binding.spans.check(line, "separatorShare", separators, prompts)
        val target = TARGETS[measure] ?: return
        if (set.contrasts.isEmpty() || prompts.any { (prompt) -> target.`in`(prompt.ids.toIntArray()) }) return
        val expected =
            if (target == TokenTarget.PREVIOUS_TOKEN) {
                "of two tokens or more"
            } else {
                "texts in which a token occurs again, such as randomTokens(length = 20)"
            }
        binding.bad(line, "the prompts of $name", "none", expected)
    }

    /** Returns whether it ranks heads: measures of heads do, over all layers. */
    override fun ranksHeads(binding: Binding): Boolean = measure.perHead && layers == null

    private companion object {
        val TARGETS =
            mapOf(
                AttentionMeasure.PreviousToken to TokenTarget.PREVIOUS_TOKEN,
                AttentionMeasure.DuplicateToken to TokenTarget.DUPLICATE_TOKEN,
                AttentionMeasure.Induction to TokenTarget.INDUCTION,
            )
    }
}
