package dev.kausal.run.analyses

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.Activation
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.Readings
import dev.kausal.run.inputs.positionLabels
import dev.kausal.run.inputs.run
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.Numbers
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec

/** What passes one site; of a noised run, draw by draw, the same draws as in sweeps over the same set. */
internal object CaptureAnalysis : JournaledReading<CaptureSpec>(CaptureSpec::class) {
    override fun read(
        spec: CaptureSpec,
        on: RunContext,
    ): List<Result> = listOf(CaptureReading(spec, on).result())
}

private class CaptureReading(
    private val spec: CaptureSpec,
    private val on: RunContext,
) {
    private val config = on.backend.config
    private val contrasts = on.contrasts(spec)

    fun result(): Result {
        val prompts = contrasts.map { it.run(spec.run) }
        val axes = axesOf(on.backend.points.named(spec.site), positionLabels(prompts))
        val size = axes.map { it.labels.size }
        val activations = Readings(on.backend, on.inputs)
        val rows =
            on.perExample(spec) { contrast ->
                val prompt = contrast.run(spec.run)
                drawn(passes(prompt).map { padded(activations.of(prompt, listOf(spec.site), it).single(), size) })
            }
        val run = spec.run as? RunSpec.Noised ?: return result(axes, rows)
        val draws = AxisSpec("draw", List(run.samples) { "$it" })
        return result(listOf(draws) + axes, rows).copy(notes = listOf(on.noise.sentence(run, spec.contrasts)))
    }

    private fun result(
        axes: List<AxisSpec>,
        rows: List<List<Double?>>,
    ) = measured(spec.name, ResultKind.Capture, spec.site, axes, contrasts.map { it.label }, rows)

    /** The draws of one example after each other. */
    private fun drawn(draws: List<List<Double?>>): List<Double?> {
        val size = draws.first().size
        return draws.singleOrNull() ?: Numbers.of(draws.size * size) { draws[it / size][it % size] }
    }

    /** The edits of each pass that a capture of [prompt] takes: none, or one draw of noise each. */
    private fun passes(prompt: PromptSpec): List<List<Edit>> {
        val run = spec.run as? RunSpec.Noised ?: return listOf(emptyList())
        val deviation = on.noise.deviation(run, spec.contrasts)
        return List(run.samples) { listOf(Noise.edit(run, prompt, it, deviation)) }
    }

    /** Row-major values in a box of [size]; what a shorter prompt lacks is null. */
    private fun padded(
        activation: Activation,
        size: List<Int>,
    ): List<Double?> =
        Numbers.of(size.reduce(Int::times)) { flat ->
            val place = IntArray(size.size)
            var rest = flat
            for (axis in size.indices.reversed()) {
                place[axis] = rest % size[axis]
                rest /= size[axis]
            }
            activation.at(*place)
        }

    /** The axes of what passes [point], where prompts have the positions [tokens]. */
    private fun axesOf(
        point: HookPoint,
        tokens: List<String>,
    ): List<AxisSpec> =
        point.axes().map { axis ->
            val name = if (axis.heads()) Axis.HEAD.label() else axis.label()
            val labels = if (axis.positions()) tokens else List(axis.size(config, tokens.size)) { "$it" }
            AxisSpec(name, labels)
        }
}
