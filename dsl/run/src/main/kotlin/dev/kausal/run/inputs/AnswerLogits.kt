package dev.kausal.run.inputs

import dev.kausal.engine.requests.Outputs
import dev.kausal.run.backend.Backend
import dev.kausal.spec.PromptSpec

/**
 * The unedited model's outputs at the positions that metrics read. Each prompt is run once, since sets may share
 * prompts.
 *
 * @property rows returns how many positions of prompts pass together if none is longer than the argument
 */
internal class AnswerLogits(
    private val backend: Backend,
    private val inputs: EngineInputs,
    private val rows: (Int) -> Int,
) {
    private val logits = HashMap<PromptSpec, FloatArray>()

    /** Runs those of [prompts] that have not run yet. */
    fun run(prompts: List<PromptSpec>) {
        val new = (prompts.toSet() - logits.keys).toList()
        if (new.isEmpty()) return
        val outputs = backend.answer(Outputs(new.map(inputs::of), new.map { it.readAt }))
        new.forEachIndexed { i, prompt -> logits[prompt] = outputs[i] }
    }

    /** Returns the logits [output] of [prompt], which must have run. */
    fun of(prompt: PromptSpec): FloatArray = logits.getValue(prompt)

    /** Returns [items] with their prompts, in their order, as many at once as fill a pass. */
    fun <T> together(items: List<Pair<T, List<PromptSpec>>>): List<List<Pair<T, List<PromptSpec>>>> {
        val most = rows(items.flatMap { it.second }.maxOfOrNull { it.length } ?: 0)
        val groups = mutableListOf<MutableList<Pair<T, List<PromptSpec>>>>()
        var filled = 0
        for (item in items) {
            val its = item.second.sumOf { it.length }
            if (groups.isEmpty() || filled + its > most) {
                groups += mutableListOf<Pair<T, List<PromptSpec>>>()
                filled = 0
            }
            groups.last() += item
            filled += its
        }
        return groups
    }
}
