package dev.kausal.reports.page

import dev.kausal.reports.words.count
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.ModelSpec

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
