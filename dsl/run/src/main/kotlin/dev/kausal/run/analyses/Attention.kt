package dev.kausal.run.analyses

import dev.kausal.engine.config.AttentionConfig
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.requests.RedrawnPatterns
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.meanOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.Activation
import dev.kausal.run.inputs.Readings
import dev.kausal.run.inputs.positionLabels
import dev.kausal.spec.AttentionPart
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Numbers
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** Patterns, scores, queries or keys of the layers and heads that are asked for. */
internal object AttentionAnalysis : JournaledReading<AttentionSpec>(AttentionSpec::class) {
    override fun read(
        spec: AttentionSpec,
        on: RunContext,
    ): List<Result> = listOf(AttentionReading(spec, on).result())
}

/** Reads what an [AttentionSpec] names of each example. */
private class AttentionReading(
    private val spec: AttentionSpec,
    private val on: RunContext,
) {
    private val inputs = on.inputs
    private val contrasts = on.contrasts(spec)
    private val prompts = contrasts.map { it.promptOf(spec.run) }
    private val config = on.backend.config
    private val perPosition = spec.part != AttentionPart.Pattern && spec.part != AttentionPart.Scores
    private val ofKeys = spec.part == AttentionPart.Keys || spec.part == AttentionPart.FinalKeys
    private val length = prompts.maxOf { it.length }
    private val heads: List<Int> = heads()

    private fun heads(): List<Int> {
        val asked = spec.heads ?: List(config.heads()) { it }
        return if (ofKeys) asked.map { it / config.groupSize() }.distinct() else asked
    }

    /** Reads the examples one by one. */
    fun result(): Result {
        val rows = on.perExample(spec) { values(it.promptOf(spec.run)) }
        val tokens = AxisSpec(if (perPosition) "position" else "query", positionLabels(prompts))
        val last = if (perPosition) AxisSpec("d_head", List(config.dHead()) { "$it" }) else tokens.copy(name = "key")
        val layers = if (spec.meanOverLayers) listOf("mean") else spec.layers.map { "$it" }
        val head = if (spec.meanOverHeads) listOf("mean") else heads.map { "$it" }
        val axes = listOf(AxisSpec("layer", layers), AxisSpec("head", head), tokens, last)
        val checked = if (perPosition) emptyList() else prompts.take(CHECKED)
        val difference = checked.maxOfOrNull { redrawn(it) }
        val examples = contrasts.map { it.label }
        return measured(spec.name, ResultKind.Attention, METRICS.getValue(spec.part), axes, examples, rows).copy(
            checks = difference?.let { mapOf("pattern drawn again from queries and keys" to it) }.orEmpty(),
            notes = listOfNotNull(difference?.let { note(it, checked.size) }),
        )
    }

    private fun note(
        difference: Double,
        examples: Int,
    ): String {
        val of = if (examples == 1) "the first example" else "the first $examples examples"
        return "Recomputed from queries and keys, the pattern of $of differs by at most %.1e.".format(difference)
    }

    private fun redrawn(prompt: PromptSpec): Double {
        val drawn = on.backend.answer(RedrawnPatterns(inputs.of(prompt))).pattern()
        return spec.layers.maxOf { drawn[it] }
    }

    /** Row-major over the result's axes, in a box that the longest example fills. */
    private fun values(prompt: PromptSpec): Numbers {
        val read = Readings(on.backend, inputs).of(prompt, spec.layers.map { kind().name(it) })
        val scale = if (spec.part == AttentionPart.FinalQueries) config.attention().scale() else 1.0
        val overLayers = if (spec.meanOverLayers) read.size else 1
        val overHeads = if (spec.meanOverHeads) heads.size else 1
        val columns = if (perPosition) config.dHead() else length
        val ofHead = length * columns
        val ofLayer = heads.size / overHeads * ofHead
        return Numbers.of(read.size / overLayers * ofLayer) { cell ->
            val layer = cell / ofLayer
            val head = cell % ofLayer / ofHead
            val row = cell % ofHead / columns
            val column = cell % columns
            meanOf(overLayers) { l ->
                meanOf(overHeads) { h -> value(read[layer + l], heads[head + h], row, column, scale) }
            }
        }
    }

    private fun value(
        layer: Activation,
        head: Int,
        row: Int,
        column: Int,
        scale: Double,
    ): Double? {
        val value = if (perPosition) layer.at(row, head, column) else layer.at(head, row, column)
        return value?.times(scale)?.takeIf { it.isFinite() }
    }

    private fun kind(): HookKind =
        when (spec.part) {
            AttentionPart.Pattern -> HookKind.PATTERN
            AttentionPart.Scores -> HookKind.ATTN_SCORES
            AttentionPart.Queries -> HookKind.Q
            AttentionPart.Keys -> HookKind.K
            AttentionPart.FinalQueries -> final(HookKind.ROT_Q, HookKind.Q_NORMED, HookKind.Q)
            AttentionPart.FinalKeys -> final(HookKind.ROT_K, HookKind.K_NORMED, HookKind.K)
        }

    /** The last point before scores that the model has. */
    private fun final(
        turned: HookKind,
        normed: HookKind,
        plain: HookKind,
    ): HookKind =
        when {
            config.rotary() -> turned
            config.attention().headNorm() != AttentionConfig.HeadNorm.NONE -> normed
            else -> plain
        }

    private companion object {
        /** Recomputing is slow; this many examples suffice. */
        const val CHECKED = 8
        val METRICS =
            mapOf(
                AttentionPart.Pattern to "pattern",
                AttentionPart.Scores to "scores",
                AttentionPart.Queries to "queries",
                AttentionPart.Keys to "keys",
                AttentionPart.FinalQueries to "queries, after norm, rotation and scale",
                AttentionPart.FinalKeys to "keys, after norm and rotation",
            )
    }
}
