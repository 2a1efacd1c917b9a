package dev.kausal.run.inputs

import dev.kausal.engine.requests.Outputs
import dev.kausal.run.backend.Backend
import dev.kausal.spec.PromptSpec

/**
 * The unedited model's outputs at the positions that metrics read. Each prompt is run once, since sets may share
 * prompts.
 */
internal class AnswerLogits(
    private val backend: Backend,
    private val inputs: EngineInputs,
) {
    private val logits = HashMap<PromptSpec, FloatArray>()

    /** Target number of positions per pass. */
    val rows: Int get() = backend.tuning.promptRows()

    /** Runs those of [prompts] that have not run yet. */
    fun run(prompts: List<PromptSpec>) {
        val new = (prompts.toSet() - logits.keys).toList()
        if (new.isEmpty()) return
        val outputs = backend.answer(Outputs(new.map(inputs::of), new.map { it.readAt }))
        new.forEachIndexed { i, prompt -> logits[prompt] = outputs[i] }
    }

    /** Returns the logits [output] of [prompt], which must have run. */
    fun of(prompt: PromptSpec): FloatArray = logits.getValue(prompt)
}

/** Returns [items] with their prompts, in their order, as many at once as fill passes of [rows] positions. */
internal fun <T> together(
    items: List<Pair<T, List<PromptSpec>>>,
    rows: Int,
): List<List<Pair<T, List<PromptSpec>>>> {
    val groups = mutableListOf<MutableList<Pair<T, List<PromptSpec>>>>()
    var filled = 0
    for (item in items) {
        val its = item.second.sumOf { it.length }
        if (groups.isEmpty() || filled + its > rows) {
            groups += mutableListOf<Pair<T, List<PromptSpec>>>()
            filled = 0
        }
        groups.last() += item
        filled += its
    }
    return groups
}
