package dev.kausal.reports

import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AttentionPart
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.DifferenceSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.InteractionSpec
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.MapAgreementSpec
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.RankCorrelationSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.WatchSpec
import dev.kausal.spec.words

private val LAYER = Regex("""blocks\.\d+\.""")

/** The model in a sentence. */
internal fun modelSentence(spec: ExperimentSpec): String {
    val model = spec.model
    val size = model.config
    val grouped = if (size.keyValueHeads < size.heads) " sharing ${count(size.keyValueHeads, "key-value head")}" else ""
    return "The model is ${model.ref} (family ${model.family}, used as ${model.capability}): " +
        "${count(size.layers, "layer")} of ${count(size.heads, "head")}$grouped, a residual stream of " +
        "${size.dModel}, ${size.dHead} dimensions a head, ${size.dMlp} neurons an MLP, " +
        inputSentence(model) + model.warnings.joinToString("") { " $it" }
}

private fun inputSentence(model: ModelSpec): String {
    val context = model.config.context
    if (model.config.vocabulary > 0) {
        return "a vocabulary of ${model.config.vocabulary} tokens and a context of $context."
    }
    val classes = model.classes.size
    return "and $context positions for an image" + if (classes == 0) "." else ", which it sorts into $classes classes."
}

/** What [analysis] does, in sentences. */
internal fun methodOf(analysis: AnalysisSpec): String =
    when (analysis) {
        is SweepSpec -> {
            sweep(analysis)
        }

        is AttributionSpec -> {
            "Direct logit attribution on ${run(analysis.run)}: the final residual stream is a sum of what the " +
                "embedding, each head, each MLP and the biases wrote; each part's share of the answer's logit minus " +
                "the foil's is read off through the final norm (Elhage et al. 2021)."
        }

        is AttentionSpec -> {
            attention(analysis)
        }

        is AttentionAnalysisSpec -> {
            methodOfLooks(analysis)
        }

        is DebugPredictionSpec -> {
            methodOfDebugging(analysis)
        }

        is ActivationMapsSpec -> {
            methodOfActivationMaps(analysis)
        }

        is MapAgreementSpec -> {
            "Whether maps say the same: rank correlation (Spearman) over the patches of ${listed(analysis.of)}, " +
                "image by image, of layers the last map and of heads their mean."
        }

        is WatchSpec -> {
            "A hook that only watches ${count(analysis.sites.size, "hook point")} of ${run(analysis.run)}, and " +
                methodOfWatching(analysis)
        }

        is LogitLensSpec -> {
            "Logit lens on ${run(
                analysis.run,
            )}: the residual stream after every layer is read through the final norm and " +
                "the unembedding (nostalgebraist 2020); the ${count(analysis.top, "likeliest token")} are kept."
        }

        is JointAblationSpec -> {
            methodOf(analysis)
        }

        is InteractionSpec -> {
            methodOf(analysis)
        }

        is BehaviourSpec -> {
            "Behaviour without any edit, by ${analysis.by.words}: the share of examples in which the " +
                "model " +
                "prefers the answer to the foil in the clean and in the corrupted prompt, the share that turns " +
                "from the one " +
                "to the other, and the shift of the logit difference from the clean to the corrupted prompt." +
                methodOfControls(analysis)
        }

        is DifferenceSpec -> {
            methodOfDifference(analysis)
        }

        is HeadDifferenceSpec -> {
            "Difference of heads: the norm of the difference of what each head writes into the residual stream " +
                "${at(analysis.place)} in the clean and in the corrupted run."
        }

        is RankCorrelationSpec -> {
            "Spearman's rank correlation of ${listed(
                analysis.of,
            )}, over all heads, by the size of their mean effects, corrected for " +
                "the noise of both by how far each agrees with itself on halves of the examples."
        }

        is CaptureSpec -> {
            "Activations at ${analysis.site} on ${run(analysis.run)}, as they are."
        }
    }

private fun attention(spec: AttentionSpec): String {
    val part =
        when (spec.part) {
            AttentionPart.Pattern -> "Attention patterns, how each position shares its attention among those it sees,"
            AttentionPart.Scores -> "Attention scores, scaled, before the softmax"
            AttentionPart.Queries -> "Queries as they are projected"
            AttentionPart.Keys -> "Keys as they are projected"
            AttentionPart.FinalQueries -> "Queries after norm and rotation, times the scale"
            AttentionPart.FinalKeys -> "Keys after norm and rotation"
        }
    val means = listOfNotNull("heads".takeIf { spec.meanOverHeads }, "layers".takeIf { spec.meanOverLayers })
    val mean = if (means.isEmpty()) "" else ", mean over ${listed(means)}"
    return "$part of ${count(spec.layers.size, "layer")} on ${run(spec.run)}$mean."
}

private fun sweep(sweep: SweepSpec): String {
    val grid = sweep.axes.joinToString(" \u00d7 ") { "${it.labels.size} ${it.name}" }.ifEmpty { "one" }
    val runs = sweep.cells.map { run(it.run) }.distinct()
    val edits = editsTogether(sweep)
    val shown = edits.take(4) + if (edits.size > 4) listOf("${edits.size - 4} more kinds of edit") else emptyList()
    val what = if (shown.isEmpty()) "nothing is edited" else listed(shown)
    return "A sweep of ${count(sweep.cells.size, "intervention")} ($grid). In ${listed(runs).ifEmpty {
        "no run"
    }}, $what; " +
        "one cell at a time, everything after it is recomputed. Measured is ${metric(sweep.metric, floor(sweep))}."
}

/** Each kind of edit, and in how many layers a cell makes it. */
private fun editsTogether(sweep: SweepSpec): List<String> {
    val layers = LinkedHashMap<String, MutableSet<Int>>()
    for (cell in sweep.cells) {
        cell.edits.groupBy { edit(it, cell.run) }.forEach { (text, its) ->
            layers.getOrPut(text) { sortedSetOf() } += its.map { it.site }.distinct().size
        }
    }
    return layers.map { (text, sizes) ->
        val (fewest, most) = sizes.min() to sizes.max()
        text + if (most == 1) "" else ", in ${if (fewest == most) "" else "$fewest to "}$most layers at once"
    }
}

private fun edit(
    edit: EditSpec,
    run: RunSpec,
): String {
    val site = LAYER.replace(edit.site, "blocks.N.")
    val part = when (edit.part) {
        is PartSpec.Head -> "one head of "
        is PartSpec.Neuron -> "one neuron of "
        PartSpec.All -> ""
    }
    return "$part${siteWords(site)} ($site) ${at(edit.at)} is " +
        if ((edit.value as? ValueSpec.From)?.run == run) "kept as it is without the other edits" else value(edit.value)
}

private fun siteWords(site: String): String =
    when (site.substringAfterLast("blocks.N.").substringAfterLast('.')) {
        "hook_resid_pre" -> "the residual stream before a layer"
        "hook_resid_mid" -> "the residual stream between attention and MLP"
        "hook_resid_post" -> "the residual stream after a layer"
        "hook_attn_out" -> "the attention's output"
        "hook_mlp_out" -> "the MLP's output"
        "hook_z" -> "the heads' outputs before they are mixed"
        "hook_pattern" -> "the attention pattern"
        "hook_embed" -> "the embedding"
        else -> "the activation"
    }

private fun at(place: PlaceSpec): String =
    when (place) {
        PlaceSpec.All -> "at every position"
        PlaceSpec.Last -> "at the last position"
        is PlaceSpec.Position -> "at one position"
        is PlaceSpec.Patch -> "at one patch"
        is PlaceSpec.Span -> "at the ${place.span}"
        is PlaceSpec.EachOf -> "at each ${place.span} token, one at a time and averaged"
    }

internal fun value(value: ValueSpec): String =
    when (value) {
        ValueSpec.Zero -> "set to zero"
        ValueSpec.Mean -> "set to its mean over every position of all prompts"
        is ValueSpec.Resample -> "replaced by that of another prompt, drawn with seed ${value.seed}"
        is ValueSpec.From -> "replaced by that of ${run(value.run)}"
        is ValueSpec.RandomMove -> "moved in a random direction, as far as if it were ${value(value.like)}"
        is ValueSpec.Lambda -> "changed by the function at ${value.place} in the script"
    }

internal fun run(run: RunSpec): String =
    when (run) {
        RunSpec.Clean -> {
            "the clean run"
        }

        RunSpec.Corrupted -> {
            "the corrupted run"
        }

        is RunSpec.Noised -> {
            "the noised run (Gaussian noise of ${number(run.sigmas, 1)} ${unit(run)}, " +
                "added to the embedding ${at(run.span)}, ${count(run.samples, "sample")}, " +
                "seed ${run.seed}; Meng et al. 2022)"
        }
    }

/** What a noised run's strength is measured in. */
private fun unit(run: RunSpec.Noised): String {
    val deviation = run.deviation
    return if (deviation != null) {
        "times ${number(deviation, 4)}"
    } else {
        "standard deviations of the subject embeddings of ${run.of ?: "the set"}"
    }
}

/** The run that a recovery of 0 stands for. */
private fun floor(sweep: SweepSpec): String =
    if (sweep.cells.any { it.run is RunSpec.Noised }) "noised" else "corrupted"
