package dev.kausal.run.inputs

import dev.kausal.engine.config.Input
import dev.kausal.engine.edits.Edit
import dev.kausal.engine.plan.Run
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.VectorSpec

/**
 * Inputs of a spec as the engine reads them.
 *
 * @property vectors what edits add or put in place
 */
internal class EngineInputs(
    private val images: Map<String, Input>,
    val vectors: List<VectorSpec> = emptyList(),
) {
    fun of(prompt: PromptSpec): Input {
        val picture = prompt.image?.picture ?: return tokens(prompt)
        return checkNotNull(images[picture]) { "no pixels of ${prompt.text} ($picture)" }
    }

    private fun tokens(prompt: PromptSpec): Input {
        val ids = prompt.ids.toIntArray()
        return prompt.types?.let { Input.tokens(ids, it.toIntArray()) } ?: Input.tokens(*ids)
    }

    fun run(
        prompt: PromptSpec,
        edits: List<Edit>,
    ): Run = Run(of(prompt), prompt.readAt, edits)
}

/** The position whose outputs metrics read. */
internal val PromptSpec.readAt: Int get() = read ?: (length - 1)

/** The prompt that [run] reads, noised, edited or not. */
internal fun ContrastSpec.run(run: RunSpec) = if (run.input == RunSpec.Corrupted) checkNotNull(corrupted) else clean
