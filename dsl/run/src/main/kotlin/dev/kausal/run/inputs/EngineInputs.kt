package dev.kausal.run.inputs

import dev.kausal.engine.config.Input
import dev.kausal.engine.edits.Edit
import dev.kausal.engine.plan.Run
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.VectorSpec

/**
 * A spec's inputs as the engine reads them.
 *
 * @param declared vectors that edits use, as the spec has them
 * @property dictionaries dictionaries whose features are read or edited
 */
internal class EngineInputs(
    private val images: Map<String, Input>,
    declared: List<VectorSpec> = emptyList(),
    val dictionaries: OpenDictionaries = OpenDictionaries.NONE,
) {
    /** Vectors that edits use; fitted ones once they are [resolved][resolve]. */
    val vectors: List<VectorSpec> get() = current
    private val current = declared.toMutableList()

    /** Replaces each vector by the result of [found], if that is not null. */
    fun resolve(found: (VectorSpec) -> VectorSpec?): Unit = current.replaceAll { found(it) ?: it }

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

/** Returns the prompt with [tokens] after it, so that places of the prompt keep their positions. */
internal fun PromptSpec.followedBy(tokens: List<Int>): PromptSpec =
    if (tokens.isEmpty()) {
        this
    } else {
        copy(ids = ids + tokens, tokens = this.tokens + tokens.map { "#$it" }, read = read ?: (length - 1))
    }

/** The position whose outputs metrics read. */
internal val PromptSpec.readAt: Int get() = read ?: (length - 1)

/** Returns the prompt that [run] reads, noised, edited or not. */
internal fun ContrastSpec.run(run: RunSpec) = if (run.input == RunSpec.Corrupted) checkNotNull(corrupted) else clean
