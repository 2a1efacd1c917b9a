package dev.kausal.reports.page

import dev.kausal.reports.words.count
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.ModelSpec

/** Describes the model in a sentence. */
internal fun modelSentence(spec: ExperimentSpec): String {
    val model = spec.model
    val size = model.config
    val grouped = if (size.keyValueHeads < size.heads) " (${count(size.keyValueHeads, "key-value head")})" else ""
    return "Model ${model.ref} (family ${model.family}, used as ${model.capability}): " +
        "${count(size.layers, "layer")} of ${count(size.heads, "head")}$grouped, d_model ${size.dModel}, " +
        "d_head ${size.dHead}, d_mlp ${size.dMlp}, " + inputSentence(model) + model.warnings.joinToString("") { " $it" }
}

private fun inputSentence(model: ModelSpec): String {
    val context = model.config.context
    if (model.config.vocabulary > 0) return "vocabulary ${model.config.vocabulary}, context $context."
    val classes = model.classes.size
    return "$context positions per image" + if (classes == 0) "." else ", $classes classes."
}
