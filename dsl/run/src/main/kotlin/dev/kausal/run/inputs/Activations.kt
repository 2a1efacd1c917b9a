package dev.kausal.run.inputs

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.requests.Activations
import dev.kausal.run.backend.Backend
import dev.kausal.spec.PromptSpec

/** One run's activation at one hook point: [values] row-major over [shape], without the batch axis. */
internal class Activation(
    val values: FloatArray,
    val shape: List<Int>,
) {
    /** Returns the value at an existing place of three axes. */
    fun number(
        first: Int,
        second: Int,
        third: Int,
    ): Double = values[(first * shape[1] + second) * shape[2] + third].toDouble()

    /** Returns the value at a place; null if this run has no such place, such as in a shorter prompt. */
    fun at(vararg place: Int): Double? {
        var index = 0
        for ((axis, coordinate) in place.withIndex()) {
            if (coordinate >= shape[axis]) return null
            index = index * shape[axis] + coordinate
        }
        return values[index].toDouble()
    }
}

/** Activations of one input. */
internal class Readings(
    private val backend: Backend,
    private val inputs: EngineInputs,
) {
    /** Returns the activations at the points called [names], in order, for the run with [edits]. */
    fun of(
        prompt: PromptSpec,
        names: List<String>,
        edits: List<Edit> = emptyList(),
    ): List<Activation> =
        backend.answer(Activations(inputs.run(prompt, edits), names)).map {
            Activation(it.values(), it.shape().toList())
        }
}
