package dev.kausal.reports

import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.ActivationNumber
import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.AttentionMeasure
import dev.kausal.spec.AttentionMeasureSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.GradientAttentionSpec
import dev.kausal.spec.HeadFusion
import dev.kausal.spec.OutputSpec
import dev.kausal.spec.RolloutSpec
import dev.kausal.spec.SpecialisationSpec
import dev.kausal.spec.WatchSpec

/** What an analysis of attention does, in sentences. */
internal fun methodOfLooks(analysis: AttentionAnalysisSpec): String =
    when (analysis) {
        is AttentionMapsSpec -> {
            val from = if (analysis.from == null) "from [CLS]" else "from one position"
            val mean = if (analysis.meanOverHeads) ", mean over heads" else ""
            "Attention to the patches of each image, $from$mean; what [CLS] and registers get is left out."
        }

        is AttentionMeasureSpec -> {
            measure(analysis.measure)
        }

        is RolloutSpec -> {
            if (analysis.residual) {
                "Attention rollout (Abnar and Zuidema 2020): heads fused by their ${fusion(analysis.fusion)}" +
                    "${discarded(analysis)}, half of the identity mixed in for the residual connection, rows divided " +
                    "by their sums, layers multiplied. It knows neither values nor MLPs."
            } else {
                "Attention accumulated over layers: mean patterns multiplied, without the residual connection."
            }
        }

        is AttentionFlowSpec -> {
            "Attention flow (Abnar and Zuidema 2020): the most that fits from each position of the input to one " +
                "after the last layer, attention weights with the residual mixed in being the widths of pipes."
        }

        is GradientAttentionSpec -> {
            val output = if (analysis.output == OutputSpec.Answer) "the right class" else "the predicted class"
            "Gradient-weighted attention (Chefer et al. 2021): attention counts where more of it would raise " +
                "the logit of $output; summed through the layers."
        }

        is SpecialisationSpec -> {
            "Similarity of heads: the correlation of two heads' maps, averaged over images, clustered by average " +
                "linkage into ${count(analysis.clusters, "cluster")}."
        }
    }

/** What debugging predictions does, in sentences. */
internal fun methodOfDebugging(debug: DebugPredictionSpec): String =
    "Each image's right class against its rival, the class that it is taken for, or, where the model is right, the " +
        "second likeliest. Shares of the two logits' difference are direct logit attribution; by patch, they are " +
        "split by where heads moved them from. Maps for a class weight attention by gradients (Chefer et al. 2021). " +
        "Taken out are ${count(debug.patches, "patch", "patches")}, by putting the image's mean position in their " +
        "place before layer 0, or ${count(debug.heads, "head")}, by zeros; and as many patches drawn at random, " +
        "${count(debug.draws, "draw")}, to compare with."

/** What a map of activations shows, in sentences. */
internal fun methodOfActivationMaps(maps: ActivationMapsSpec): String {
    val number = if (maps.of == ActivationNumber.Mean) "the mean over its features" else "its Euclidean length"
    return "What ${count(maps.layers.size, "block")} leave in the residual stream at each patch: $number. " +
        "[CLS], registers and the like are on no grid and left out."
}

/** When a watching hook calls back, in words that follow "and". */
internal fun methodOfWatching(watch: WatchSpec): String {
    val whenever = if (watch.conditioned) "where its condition holds" else "each time that one is reached"
    val often =
        when {
            !watch.once -> whenever
            watch.conditioned -> "$whenever, the first time only"
            else -> "the first time only"
        }
    return "calls the function at ${watch.place} in the script back, $often. It changes nothing."
}

private fun fusion(fusion: HeadFusion): String =
    when (fusion) {
        HeadFusion.Mean -> "mean"
        HeadFusion.Max -> "largest weight"
        HeadFusion.Min -> "smallest weight"
    }

private fun discarded(rollout: RolloutSpec): String =
    if (rollout.discard == 0.0) {
        ""
    } else {
        ", the smallest ${number(100 * rollout.discard, 0)} % of each layer's weights left out"
    }

private fun measure(measure: AttentionMeasure): String =
    when (measure) {
        AttentionMeasure.Entropy -> {
            "Entropy of attention over keys, in nats, mean over queries."
        }

        AttentionMeasure.Diversity -> {
            "How unlike a layer's heads look: mean cosine distance of all pairs of their maps from [CLS], or of " +
                "whole patterns where there is no such position."
        }

        AttentionMeasure.Distance -> {
            "Mean distance between a patch and where it looks (Dosovitskiy et al. 2021), weighted by attention."
        }

        AttentionMeasure.PeakRow, AttentionMeasure.PeakColumn -> {
            "The patch that [CLS] looks at most."
        }

        AttentionMeasure.Peak -> {
            "The strongest patch's part of what [CLS] gives to patches."
        }

        AttentionMeasure.Concentration -> {
            "1 \u2212 entropy / ln patches of what [CLS] gives to patches: 0 where it is even, 1 where one gets all."
        }

        AttentionMeasure.ClsShare -> {
            "The part of all attention that goes to [CLS], mean over queries."
        }

        AttentionMeasure.SeparatorShare -> {
            "The part of all attention that goes to separators, such as [SEP], mean over queries (Clark et al. 2019)."
        }
    }
