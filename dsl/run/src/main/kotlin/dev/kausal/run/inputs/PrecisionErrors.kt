package dev.kausal.run.inputs

import dev.kausal.engine.requests.Outputs
import dev.kausal.engine.tensor.Precision
import dev.kausal.run.backend.Backend
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.PrecisionError
import kotlin.math.abs

/** Compares the outputs of unedited prompts of a model in bfloat16 with those in float32. */
internal class PrecisionErrors(
    private val backend: Backend,
    private val inputs: EngineInputs,
) {
    /** Returns the error over some clean prompts of [sets]; null if the model is in float32. */
    fun of(sets: List<ContrastSetSpec>): PrecisionError? {
        if (backend.precision == Precision.FLOAT32) return null
        val prompts = sets.flatMap { set -> set.contrasts.map { it.clean } }.distinct()
        val step = maxOf(1, (prompts.size + PROMPTS - 1) / PROMPTS)
        val some = prompts.filterIndexed { index, _ -> index % step == 0 }
        if (some.isEmpty()) return null
        val request = Outputs(some.map(inputs::of), some.map { it.readAt })
        val exact = backend.inFloat32(request) ?: return null
        val found = backend.answer(request)
        val pairs = found.zip(exact).flatMap { (a, b) -> a.zip(b) }
        return PrecisionError(
            some.size,
            pairs.maxOf { (a, b) -> abs(a.toDouble() - b) },
            pairs.maxOf { (_, b) -> abs(b.toDouble()) },
        )
    }

    private companion object {
        /** Maximum number of prompts compared. */
        const val PROMPTS = 16
    }
}
