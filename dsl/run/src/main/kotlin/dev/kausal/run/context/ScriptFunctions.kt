package dev.kausal.run.context

import ai.djl.ndarray.NDArray
import dev.kausal.spec.HookCall
import dev.kausal.spec.MeasuredExample

/** The functions called by a script's edits and metrics, by their index in the spec. */
internal class ScriptFunctions(
    private val activations: List<(NDArray, HookCall) -> NDArray>,
    private val metrics: List<(NDArray, MeasuredExample) -> Double>,
) {
    constructor(experiment: RunnableExperiment) : this(experiment.activations, experiment.metrics)

    fun edited(
        index: Int,
        x: NDArray,
        call: HookCall,
    ): NDArray = activations[index](x, call)

    fun measured(
        index: Int,
        logits: NDArray,
        example: MeasuredExample,
    ): Double = metrics[index](logits, example)

    companion object {
        /** No functions: plans that call one can be compiled but not run. */
        val NONE: ScriptFunctions = ScriptFunctions(emptyList(), emptyList())
    }
}
