package dev.kausal.run.analyses

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.engine.requests.Activations
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.Row
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.context.measured
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.run
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.NumberType
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.positionLabels

/** Activations at one site; for a noised run by draw, with the same draws as sweeps over the same set. */
internal object CaptureAnalysis : JournaledReading<CaptureSpec>(CaptureSpec::class) {
    override fun size(
        spec: CaptureSpec,
        on: Setting,
    ): ResultSize {
        val point = on.points.named(spec.site)
        val prompts = on.contrasts(spec).map { it.run(spec.run) }
        val longest = prompts.maxOf { it.length }
        val draws = (spec.run as? RunSpec.Noised)?.let { AxisSpec("draw", List(it.samples) { draw -> "$draw" }) }
        val own = prompts.map { prompt -> point.axes().map { it.size(on.config, prompt.length) } }
        val bytes = on.pointBytes(spec.site, longest)
        return ResultSize(
            axes = listOfNotNull(draws) + axesOf(point, on, positionLabels(prompts)),
            shapes = own.map { listOfNotNull(draws?.labels?.size) + it },
            type = NumberType.F32,
            native = on.passBytes(longest) + bytes,
            working = bytes,
        )
    }

    /** Returns the axes of the activations at [point] for prompts with the positions [tokens]. */
    private fun axesOf(
        point: HookPoint,
        on: Setting,
        tokens: List<String>,
    ): List<AxisSpec> =
        point.axes().map { axis ->
            val name = if (axis.heads()) Axis.HEAD.label() else axis.label()
            val labels = if (axis.positions()) tokens else List(axis.size(on.config, tokens.size)) { "$it" }
            AxisSpec(name, labels)
        }

    override fun read(
        spec: CaptureSpec,
        on: RunContext,
    ): List<Result> {
        val result =
            on.measured(spec, ResultKind.Capture, spec.site, size(spec, on.setting)) { contrast, row ->
                capture(spec, on, contrast, row)
            }
        val run = spec.run as? RunSpec.Noised ?: return listOf(result)
        return listOf(result.copy(notes = listOf(on.noise.sentence(run, spec.contrasts))))
    }

    private fun capture(
        spec: CaptureSpec,
        on: RunContext,
        contrast: ContrastSpec,
        row: Row,
    ) {
        val prompt = contrast.run(spec.run)
        passes(spec, on, prompt).forEachIndexed { draw, edits ->
            on.backend.each(Activations(on.inputs.run(prompt, edits), listOf(spec.site))) { _, read ->
                val values = read.values()
                row.write(draw.toLong() * values.size, values.size) { values[it].toDouble() }
            }
        }
    }

    /** Returns the edits of each pass for a capture of [prompt]: none, or one draw of noise each. */
    private fun passes(
        spec: CaptureSpec,
        on: RunContext,
        prompt: PromptSpec,
    ): List<List<Edit>> {
        val run = spec.run as? RunSpec.Noised ?: return listOf(emptyList())
        val deviation = on.noise.deviation(run, spec.contrasts)
        return List(run.samples) { listOf(Noise.edit(run, prompt, it, deviation)) }
    }
}
