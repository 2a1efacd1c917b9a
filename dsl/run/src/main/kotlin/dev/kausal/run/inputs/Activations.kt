package dev.kausal.run.inputs

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.EditHooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.PromptSpec

/** What a run showed at one hook point: [values] row-major over [shape], without the batch axis. */
internal class Activation(
    val values: FloatArray,
    val shape: List<Int>,
) {
    /** The value at a place; null where this run has no such place, as of a shorter prompt. */
    fun at(vararg place: Int): Double? {
        var index = 0
        for ((axis, coordinate) in place.withIndex()) {
            if (coordinate >= shape[axis]) return null
            index = index * shape[axis] + coordinate
        }
        return values[index].toDouble()
    }
}

/** Runs one input and keeps what its hook points show. */
internal class Activations(
    private val model: HookedModel,
    private val inputs: EngineInputs,
) {
    /** What passes the points called [names], in their order, where the run makes [edits] of its own. */
    fun of(
        prompt: PromptSpec,
        names: List<String>,
        edits: List<Edit> = emptyList(),
    ): List<Activation> =
        Torch.manager().use { manager ->
            val hooks = EditHooks.of(model.points(), edits)
            val cache = hooks.capture({ it.name() in names }, manager)
            model.outputsAt(inputs.of(prompt), prompt.readAt, hooks, manager)
            names.map { name ->
                val array = cache.get(name)
                Activation(array.toFloatArray(), array.shape.shape.drop(1).map { it.toInt() })
            }
        }
}
