package dev.kausal.run.sweep

import dev.kausal.engine.config.Input
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.run.backend.Backend
import dev.kausal.run.backend.NotPortableException
import dev.kausal.run.backend.Shard
import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.CompiledSweep
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.inputs.EmbeddingDeviation
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.Noise

/**
 * Computes shards received as data, in the process with the model.
 *
 * @param images inputs for the spec's images, by name
 */
public class ShardWorker(
    private val backend: Backend,
    private val images: Map<String, Input> = emptyMap(),
) {
    /**
     * Returns the outcomes of [shard] in the journal's form.
     *
     * @throws NotPortableException if an edit or metric calls a function of the script
     */
    public fun run(shard: Shard): ByteArray {
        val inputs = EngineInputs(images, shard.spec.vectors)
        val noise = Noise(shard.spec, EmbeddingDeviation(backend, inputs))
        val plans = shard.sweeps.map { it.compiled(backend.points, noise, inputs, ScriptFunctions.NONE).plan }
        val plan = SweepPlan.joined(plans).part(shard.first, shard.last)
        if (!plan.portable()) throw NotPortableException("The sweep '${shard.title}'")
        return backend.outcomes(shard, plan) {}
    }
}

/** Compiles the sweep's cells for the engine. */
internal fun SweepRequest.compiled(
    points: HookPoints,
    noise: Noise,
    inputs: EngineInputs,
    functions: ScriptFunctions,
): CompiledSweep {
    val set = sweep.contrasts
    val given = SweepInputs(points, contrasts, inputs, sources, references) { noise.deviation(it, set) }
    return SweepCompiler(sweep, given, functions, measured).compile()
}
