package dev.kausal.reports.page

import dev.kausal.reports.words.listed
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.OutputKind
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.outputs

/** Describes where metrics read logits, in a sentence; null if nothing is read. */
internal fun readingPlace(spec: ExperimentSpec): String? {
    val used = spec.analyses.map { it.contrasts }.toSet()
    val contrasts = spec.contrasts.filter { it.name in used }.flatMap { it.contrasts }
    val inputs = contrasts.flatMap { listOfNotNull(it.clean, it.corrupted) }
    val places = inputs.map { place(it, spec.model.outputs) }.distinct()
    return if (places.isEmpty()) null else "Logits are ${listed(places)}."
}

private fun place(
    input: PromptSpec,
    outputs: OutputKind,
): String =
    when {
        input.image != null -> "those of the image's classes"
        outputs == OutputKind.Class && input.read != null -> "those of the classes at the marked word's first token"
        outputs == OutputKind.Class -> "those of the text's classes"
        input.read != null -> "read at the mask"
        else -> "read at the last position"
    }
