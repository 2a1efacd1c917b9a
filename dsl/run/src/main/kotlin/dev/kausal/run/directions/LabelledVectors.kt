package dev.kausal.run.directions

import dev.kausal.engine.hooks.HookPoint
import dev.kausal.run.context.RunContext
import dev.kausal.run.inputs.Activation
import dev.kausal.run.inputs.Readings
import dev.kausal.run.inputs.rows
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PointSpec
import dev.kausal.spec.PromptSpec

/**
 * A prompt of one of two classes.
 *
 * @property example index of its example
 * @property isFirst whether it is of the first class
 */
internal class LabelledPrompt(
    val example: Int,
    val prompt: PromptSpec,
    val isFirst: Boolean,
)

/**
 * Activations of prompts of two classes at the hook points of a fit.
 *
 * @property examples the examples
 * @property prompts their prompts
 * @property vectors activations at each point [prompt][unit], in double precision
 */
internal class LabelledVectors(
    val examples: List<ContrastSpec>,
    val prompts: List<LabelledPrompt>,
    val vectors: List<List<DoubleArray>>,
)

/** Reads the activations of [spec], one pass for each prompt, as progress of the analysis called [name] on [set]. */
internal fun RunContext.labelled(
    name: String,
    set: String,
    vectors: LabelledVectorsSpec,
): LabelledVectors {
    val examples = vectors.classes.examples(set, spec)
    val prompts = examples.flatMapIndexed { index, example ->
        vectors.classes.prompts(example, index, set, spec)
            .map { (prompt, first) -> LabelledPrompt(index, prompt, first) }
    }
    val sites = vectors.points.map { it.site }.distinct()
    val readings = Readings(backend, inputs)
    val rows = List(vectors.points.size) { mutableListOf<DoubleArray>() }
    progress.begin(name, prompts.size)
    prompts.forEachIndexed { index, labelled ->
        val read = sites.zip(readings.of(labelled.prompt, sites)).toMap()
        val range = vectors.at.rows(labelled.prompt)
        vectors.points.forEachIndexed { cell, point ->
            val all = 0 until labelled.prompt.length
            val positions = if (range.all()) all else range.first()..range.last()
            rows[cell] += meanOver(read.getValue(point.site), positions, point, backend.points.named(point.site))
        }
        progress.done(index + 1)
    }
    progress.end()
    return LabelledVectors(examples, prompts, rows)
}

/** Returns the mean over [positions] of the units of [point] in an activation [position, (head,) unit]. */
private fun meanOver(
    activation: Activation,
    positions: IntRange,
    point: PointSpec,
    hook: HookPoint,
): DoubleArray {
    val perPosition = activation.values.size / activation.shape[0]
    val head = (point.part as? PartSpec.Head)?.head
    val width = if (head == null) perPosition else perPosition / activation.shape[1]
    check(hook.headAxis().isPresent || head == null) { "${point.site} has no heads" }
    val first = (head ?: 0) * width
    val mean = DoubleArray(width)
    for (position in positions) {
        for (unit in 0 until width) mean[unit] += activation.values[position * perPosition + first + unit].toDouble()
    }
    for (unit in 0 until width) mean[unit] /= positions.count()
    return mean
}
