package dev.kausal.run.inputs

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.requests.Activations
import dev.kausal.run.backend.Backend
import dev.kausal.spec.PromptSpec

/** What a run showed at one hook point: [values] row-major over [shape], without the batch axis. */
internal class Activation(
    val values: FloatArray,
    val shape: List<Int>,
) {
    /** The value at a place that it has, of three axes. */
    fun number(
        first: Int,
        second: Int,
        third: Int,
    ): Double = values[(first * shape[1] + second) * shape[2] + third].toDouble()

    /** The value at a place; null if this run has no such place, as of a shorter prompt. */
    fun at(vararg place: Int): Double? {
        var index = 0
        for ((axis, coordinate) in place.withIndex()) {
            if (coordinate >= shape[axis]) return null
            index = index * shape[axis] + coordinate
        }
        return values[index].toDouble()
    }
}

/** What hook points show of one input. */
internal class Readings(
    private val backend: Backend,
    private val inputs: EngineInputs,
) {
    /** What passes the points called [names], in their order, where the run makes [edits] of its own. */
    fun of(
        prompt: PromptSpec,
        names: List<String>,
        edits: List<Edit> = emptyList(),
    ): List<Activation> =
        backend.answer(Activations(inputs.run(prompt, edits), names)).map {
            Activation(it.values(), it.shape().toList())
        }
}
