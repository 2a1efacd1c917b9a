package dev.kausal.dsl

import dev.kausal.spec.AttentionMeasure

/** How the heads of a layer become one pattern. */
public typealias HeadFusion = dev.kausal.spec.HeadFusion

/**
 * A number that describes how a head, or a layer's heads, look in a model of kind [M].
 *
 * @see entropy
 * @see diversity
 */
public class LookMeasure<in M : Capability> internal constructor(
    internal val spec: AttentionMeasure,
)

/** Entropy of attention over keys in nats, mean over queries [layer, head]. */
public val entropy: LookMeasure<Capability> = LookMeasure(AttentionMeasure.Entropy)

/**
 * How unlike a layer's heads look: the mean cosine distance of all pairs of their maps [layer]. Maps are from `[CLS]`;
 * of a model without one, the whole patterns.
 */
public val diversity: LookMeasure<Capability> = LookMeasure(AttentionMeasure.Diversity)

/** Mean distance, in patches, between a patch and the patches that it looks at [layer, head]. */
public val distance: LookMeasure<ImageModel> = LookMeasure(AttentionMeasure.Distance)

/** Row of the patch that `[CLS]` looks at most [layer, head]. */
public val peakRow: LookMeasure<ImageModel> = LookMeasure(AttentionMeasure.PeakRow)

/** Column of the patch that `[CLS]` looks at most [layer, head]. */
public val peakColumn: LookMeasure<ImageModel> = LookMeasure(AttentionMeasure.PeakColumn)

/** The strongest patch's part of what `[CLS]` gives to patches [layer, head]. */
public val peak: LookMeasure<ImageModel> = LookMeasure(AttentionMeasure.Peak)

/** 0 where `[CLS]` looks at all patches alike, 1 where it looks at one: 1 − entropy / ln patches [layer, head]. */
public val concentration: LookMeasure<ImageModel> = LookMeasure(AttentionMeasure.Concentration)

/** The part of all attention that goes to the first special token, `[CLS]` or `<s>` [layer, head]. */
public val clsShare: LookMeasure<Capability> = LookMeasure(AttentionMeasure.ClsShare)

/** The part of all attention that goes to separators, such as `[SEP]` [layer, head]. */
public val separatorShare: LookMeasure<TextEncoder> = LookMeasure(AttentionMeasure.SeparatorShare)

/**
 * [measure] of every head or layer, for example `attentionMeasure(texts, entropy)`.
 *
 * @param layers all of them if null; negative ones count from the end
 */
public fun <M : Capability> ExperimentScope.attentionMeasure(
    inputs: Inputs<M>,
    measure: LookMeasure<M>,
    layers: Iterable<Int>? = null,
): Analysis<MeasureHandle> = looks(inputs, layers, ::MeasureHandle, Looks.Measure(measure.spec))

/**
 * Where heads look on images: attention to patches, `[CLS]` and registers left out.
 *
 * @param layers all of them if null; negative ones count from the end
 * @param heads of each layer, all of them if null
 * @param from the position that looks, such as `cls` or `patchAt(3, 4)`; `[CLS]` if null, and in a model without one
 *   the mean over patches
 * @param meanOverHeads gives the mean over the heads
 */
public fun ExperimentScope.attentionMaps(
    inputs: Inputs<ImageModel>,
    layers: Iterable<Int>? = null,
    heads: Iterable<Int>? = null,
    from: Place? = null,
    meanOverHeads: Boolean = false,
): Analysis<MapHandle> = looks(inputs, layers, ::MapHandle, Looks.Maps(heads?.toList(), from, meanOverHeads))

/**
 * Attention rollout (Abnar and Zuidema 2020) after each layer: heads are fused, half of the identity is mixed in for the
 * residual connection, rows are divided by their sums, and layers are multiplied. Of images, from `[CLS]` to patches; of
 * texts, from every token to every token.
 *
 * @param fusion of heads; the paper's is the mean
 * @param discard which part of each layer's weights, the smallest, is left out: from 0 to below 1
 * @param layers that follow each other; all of them if null
 */
public fun ExperimentScope.rollout(
    inputs: Inputs<*>,
    fusion: HeadFusion = HeadFusion.Mean,
    discard: Double = 0.0,
    layers: Iterable<Int>? = null,
): Analysis<MapHandle> = looks(inputs, layers, ::MapHandle, Looks.Rollout(fusion, discard, residual = true))

/**
 * Attention flow as tutorials have it: the layers' mean patterns multiplied, without the residual connection. Not the
 * flow of Abnar and Zuidema 2020, which is [maximumFlow].
 */
public fun ExperimentScope.attentionFlow(
    inputs: Inputs<*>,
    layers: Iterable<Int>? = null,
): Analysis<MapHandle> = looks(inputs, layers, ::MapHandle, Looks.Rollout(HeadFusion.Mean, 0.0, residual = false))

/**
 * Attention flow of Abnar and Zuidema 2020: the most that fits through from each position of the input to one position
 * after the last layer, attention weights, with the residual mixed in, being the widths of pipes.
 *
 * @param to the position; `[CLS]` or the first if null
 */
public fun ExperimentScope.maximumFlow(
    inputs: Inputs<*>,
    to: Place? = null,
    layers: Iterable<Int>? = null,
): Analysis<MapHandle> = looks(inputs, layers, ::MapHandle, Looks.Flow(to))

/**
 * Which heads look alike over many images: similarity (correlation of maps, mean over images) of every two heads, in the
 * order of a clustering by average linkage. The result `NAME.maps` holds the mean map of each.
 *
 * @param clusters into which heads are sorted; the result's notes name them
 */
public fun ExperimentScope.specialisation(
    images: Inputs<ImageModel>,
    layers: Iterable<Int>? = null,
    clusters: Int = 4,
): Analysis<SpecialisationHandle> = looks(images, layers, ::SpecialisationHandle, Looks.Specialisation(clusters))

/** A number that stands for a vector of activations: [featureMean] or [featureNorm]. */
public typealias ActivationNumber = dev.kausal.spec.ActivationNumber

/** Mean over the features. */
public val featureMean: ActivationNumber get() = ActivationNumber.Mean

/** Euclidean length over the features. */
public val featureNorm: ActivationNumber get() = ActivationNumber.Norm

/**
 * What each block leaves at each patch, `[CLS]` and registers left out: one number of the residual stream after it.
 *
 * @param layers all of them if null; negative ones count from the end
 */
public fun ExperimentScope.activationMaps(
    inputs: Inputs<ImageModel>,
    layers: Iterable<Int>? = null,
    of: ActivationNumber = featureMean,
): Analysis<MapHandle> {
    val line = ScriptLines.line()
    return analysis(::MapHandle) { DeclaredAnalysis.ActivationMaps(it, inputs, line, layers?.toList(), of) }
}

/** Which output an analysis asks about: [answer] or [predicted]. */
public typealias Output = dev.kausal.spec.OutputSpec

/** The class that the script names: a contrast's answer, an image's label. */
public val answer: Output get() = Output.Answer

/** The class that the model gives the largest logit. */
public val predicted: Output get() = Output.Predicted

/**
 * Gradient-weighted attention (Chefer et al. 2021, rules for self-attention): attention counts where more of it would
 * raise the logit of [of]; from `[CLS]` to patches, through all layers. Of a model without `[CLS]`, the mean over patches.
 */
public fun ExperimentScope.gradientAttention(
    inputs: Inputs<ImageClassifier>,
    of: Output = predicted,
): Analysis<MapHandle> = looks(inputs, null, ::MapHandle, Looks.Gradient(of))

/**
 * Whether maps say the same of the same images, such as rollout, which knows the attention only, and gradient-weighted
 * attention, which knows the class: rank correlation of every two over the patches, image by image. Of maps of layers
 * the last counts, of heads their mean.
 */
public fun ExperimentScope.mapAgreement(vararg of: MapHandle): Analysis<MeasureHandle> {
    val line = ScriptLines.line()
    val names = of.map { it.name }
    return analysis(::MeasureHandle) { name -> DeclaredAnalysis.Agreement(name, inputsOf(names), line, names) }
}

/**
 * Why each image is sorted as it is: probabilities, where attention went for the right class and for its rival (the class
 * that it is taken for, or the second likeliest), what heads, MLPs and patches write on the difference of the two logits,
 * and what becomes of both logits without the patches or heads that count most, or without patches drawn at random, in the
 * mean over 20 draws. Every image needs its label.
 *
 * The results are `NAME`, `NAME.probabilities`, `NAME.random`, `NAME.maps`, `NAME.attribution` and `NAME.patches`.
 *
 * @param patches how many are taken out together
 * @param heads how many are taken out together
 */
public fun ExperimentScope.debugPrediction(
    images: Inputs<ImageClassifier>,
    patches: Int = 8,
    heads: Int = 3,
): Analysis<DebugHandle> {
    val line = ScriptLines.line()
    return analysis(::DebugHandle) { DeclaredAnalysis.Debug(it, images, line, patches, heads) }
}

private fun <H : ResultHandle> ExperimentScope.looks(
    inputs: Inputs<*>,
    layers: Iterable<Int>?,
    handle: (String) -> H,
    what: Looks,
): Analysis<H> {
    val line = ScriptLines.line()
    return analysis(handle) { DeclaredAnalysis.OfAttention(it, inputs, line, layers?.toList(), what) }
}
