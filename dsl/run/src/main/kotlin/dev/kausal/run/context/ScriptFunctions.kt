package dev.kausal.run.context

import ai.djl.ndarray.NDArray
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.metrics.ScriptMetric
import dev.kausal.run.inputs.positions
import dev.kausal.run.inputs.readAt
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.MeasuredExample
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec

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

    private fun measured(
        index: Int,
        logits: NDArray,
        example: MeasuredExample,
    ): Double = metrics[index](logits, example)

    /**
     * Returns the engine's form of [spec] in a [run] of [contrast], whose prompt is [prompt].
     *
     * @param where tells errors where it was called
     */
    fun metric(
        spec: MetricSpec.Named,
        contrast: ContrastSpec,
        run: RunSpec,
        prompt: PromptSpec,
        where: () -> String,
    ): Metric {
        val at = spec.at?.positions(prompt)
        val read = at ?: listOf(prompt.readAt).filter { prompt.image == null }
        val example = MeasuredExample(contrast, run.label, prompt, read)
        val code = ScriptCode("The metric '${spec.name}'", null, where)
        return ScriptMetric(at.orEmpty()) { logits -> code.call { measured(spec.index, logits, example) } }
    }

    companion object {
        /** No functions: plans that call one can be compiled but not run. */
        val NONE: ScriptFunctions = ScriptFunctions(emptyList(), emptyList())
    }
}
