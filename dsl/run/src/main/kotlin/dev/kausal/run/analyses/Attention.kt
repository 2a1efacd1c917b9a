package dev.kausal.run.analyses

import dev.kausal.bundle.NumberAt
import dev.kausal.engine.config.AttentionConfig
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.requests.Activations
import dev.kausal.engine.requests.RedrawnPatterns
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.Row
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.context.measured
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.meanOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.Activation
import dev.kausal.spec.AttentionPart
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.NumberType
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.positionLabels

/** Patterns, scores, queries or keys of the selected layers and heads. */
internal object AttentionAnalysis : JournaledReading<AttentionSpec>(AttentionSpec::class) {
    override fun size(
        spec: AttentionSpec,
        on: Setting,
    ): ResultSize = AttentionShape(announced(spec, on.config.layers()), on).size()

    /** Returns the spec with as many layers as may be chosen. */
    private fun announced(
        spec: AttentionSpec,
        layers: Int,
    ): AttentionSpec = spec.choice?.let { spec.copy(layers = List(minOf(it.count, layers)) { layer -> layer }) } ?: spec

    override fun read(
        spec: AttentionSpec,
        on: RunContext,
    ): List<Result> {
        val chosen = spec.choice?.let { choice -> on.choices.places(choice).map { it.layer }.sorted() }
        if (chosen != null && chosen.isEmpty()) return listOf(nothing(spec, on))
        val read = AttentionReading(if (chosen == null) spec else spec.copy(layers = chosen), on)
        return listOf(on.choices.noted(spec, read.result()))
    }

    /** Returns the empty result of an analysis for which no layer was chosen. */
    private fun nothing(
        spec: AttentionSpec,
        on: RunContext,
    ): Result {
        val axes = listOf("layer", "head", "query", "key").map { AxisSpec(it, emptyList()) }
        val examples = on.contrasts(spec).map { it.label }
        val rows = examples.map { emptyList<Double?>() }
        val none = measured(spec.name, ResultKind.Attention, METRICS.getValue(spec.part), axes, examples, rows)
        return on.choices.noted(spec, none)
    }
}

/** The layers, heads and positions of an [AttentionSpec] in a model of known sizes. */
private class AttentionShape(
    private val spec: AttentionSpec,
    private val on: Setting,
) {
    private val config = on.config
    private val prompts = on.contrasts(spec).map { it.promptOf(spec.run) }
    private val ofKeys = spec.part == AttentionPart.Keys || spec.part == AttentionPart.FinalKeys

    val perPosition = spec.part != AttentionPart.Pattern && spec.part != AttentionPart.Scores

    val heads: List<Int> =
        (spec.heads ?: List(config.heads()) { it }).let { asked ->
            if (ofKeys) asked.map { it / config.groupSize() }.distinct() else asked
        }

    /** Hook points read, by layer. */
    val points: List<String> = spec.layers.map { kind().name(it) }

    /** Returns the number of columns of one head's numbers in a prompt of [length]. */
    fun columns(length: Int): Int = if (perPosition) config.dHead() else length

    fun size(): ResultSize {
        val tokens = AxisSpec(if (perPosition) "position" else "query", positionLabels(prompts))
        val last = if (perPosition) AxisSpec("d_head", List(config.dHead()) { "$it" }) else tokens.copy(name = "key")
        val layers = if (spec.meanOverLayers) listOf("mean") else spec.layers.map { "$it" }
        val head = if (spec.meanOverHeads) listOf("mean") else heads.map { "$it" }
        val longest = prompts.maxOf { it.length }
        val ofLayer = points.maxOf { on.pointBytes(it, longest) }
        val sums = if (spec.meanOverLayers) head.size.toLong() * longest * columns(longest) * SUM else 0
        val future = config.attention().causal() && spec.part == AttentionPart.Pattern
        return ResultSize(
            axes = listOf(AxisSpec("layer", layers), AxisSpec("head", head), tokens, last),
            shapes = prompts.map { listOf(layers.size, head.size, it.length, columns(it.length)) },
            type = if (computed()) NumberType.F64 else NumberType.F32,
            native = on.passBytes(longest) + ofLayer,
            working = ofLayer + sums,
            zeros = if (future) (longest - 1.0) / (2.0 * longest) else 0.0,
        )
    }

    /**
     * Returns whether the numbers are computed from the model's activations rather than being activations themselves.
     */
    private fun computed() =
        spec.meanOverHeads || spec.meanOverLayers || spec.part == AttentionPart.FinalQueries

    private fun kind(): HookKind =
        when (spec.part) {
            AttentionPart.Pattern -> HookKind.PATTERN
            AttentionPart.Scores -> HookKind.ATTN_SCORES
            AttentionPart.Queries -> HookKind.Q
            AttentionPart.Keys -> HookKind.K
            AttentionPart.FinalQueries -> final(HookKind.ROT_Q, HookKind.Q_NORMED, HookKind.Q)
            AttentionPart.FinalKeys -> final(HookKind.ROT_K, HookKind.K_NORMED, HookKind.K)
        }

    /** Returns the model's last hook point before scores: rotated, else normed, else projected. */
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
        /** Bytes of a sum and its count. */
        const val SUM = 12L
    }
}

/** Reads the selected attention of each example, layer by layer. */
private class AttentionReading(
    private val spec: AttentionSpec,
    private val on: RunContext,
) {
    private val shape = AttentionShape(spec, on.setting)
    private val prompts = on.contrasts(spec).map { it.promptOf(spec.run) }
    private val config = on.backend.config
    private val scale = if (spec.part == AttentionPart.FinalQueries) config.attention().scale() else 1.0

    /** Reads the examples one after another. */
    fun result(): Result {
        val metric = METRICS.getValue(spec.part)
        val result =
            on.measured(spec, ResultKind.Attention, metric, shape.size()) { contrast, row ->
                read(contrast.promptOf(spec.run), row)
            }
        if (shape.perPosition) return result
        val checked = prompts.filter { it.length <= LONGEST }.take(CHECKED)
        if (checked.isEmpty()) return result.copy(notes = listOf(UNCHECKED))
        val difference = checked.maxOf { redrawn(it) }
        return result.copy(
            checks = mapOf("pattern drawn again from queries and keys" to difference),
            notes = listOf(note(difference, checked.size)),
        )
    }

    private fun note(
        difference: Double,
        examples: Int,
    ): String {
        val of = if (examples == 1) "the first example" else "the first $examples examples"
        val short = if (prompts.all { it.length <= LONGEST }) "" else " of at most $LONGEST positions"
        return "Recomputed from queries and keys, the pattern of $of$short differs by at most %.1e.".format(difference)
    }

    private fun redrawn(prompt: PromptSpec): Double {
        val drawn = on.backend.answer(RedrawnPatterns(on.inputs.of(prompt))).pattern()
        return spec.layers.maxOf { drawn[it] }
    }

    private fun read(
        prompt: PromptSpec,
        row: Row,
    ) {
        val heads = if (spec.meanOverHeads) 1 else shape.heads.size
        val ofHead = prompt.length * shape.columns(prompt.length)
        val layers = if (spec.meanOverLayers) LayerMeans(heads * ofHead) else null
        on.backend.each(Activations(on.inputs.run(prompt, emptyList()), shape.points)) { name, read ->
            val layer = Activation(read.values(), read.shape().toList())
            for (head in 0 until heads) {
                val numbers = NumberAt { value(layer, head, it, prompt.length) }
                if (layers != null) {
                    layers.add(head * ofHead, ofHead, numbers)
                } else {
                    shape.points.indices.filter { shape.points[it] == name }.forEach { at ->
                        row.write((at.toLong() * heads + head) * ofHead, ofHead, numbers)
                    }
                }
            }
        }
        layers?.let { row.write(0, heads * ofHead, it) }
    }

    /** Returns number [cell] of a head, or of the mean over heads; NaN if there is none. */
    private fun value(
        layer: Activation,
        head: Int,
        cell: Int,
        length: Int,
    ): Double {
        val columns = shape.columns(length)
        if (!spec.meanOverHeads) return one(layer, shape.heads[head], cell / columns, cell % columns)
        return meanOf(shape.heads.size) { h ->
            one(layer, shape.heads[h], cell / columns, cell % columns).takeIf { it.isFinite() }
        } ?: Double.NaN
    }

    private fun one(
        layer: Activation,
        head: Int,
        row: Int,
        column: Int,
    ): Double = (if (shape.perPosition) layer.number(row, head, column) else layer.number(head, row, column)) * scale

    private companion object {
        /** Recomputing is slow: this many examples suffice, and one of this length takes about a minute. */
        const val CHECKED = 8
        const val LONGEST = 1024
        const val UNCHECKED =
            "The pattern was not recomputed from queries and keys: each example has more than $LONGEST positions."
    }
}

/** Means over layers of a fixed number of values, over those that are present. */
private class LayerMeans(
    size: Int,
) : NumberAt {
    private val sums = DoubleArray(size)
    private val counts = IntArray(size)

    fun add(
        from: Int,
        count: Int,
        numbers: NumberAt,
    ) {
        for (i in 0 until count) {
            val number = numbers.at(i)
            if (!number.isFinite()) continue
            sums[from + i] += number
            counts[from + i]++
        }
    }

    override fun at(index: Int): Double = if (counts[index] == 0) Double.NaN else sums[index] / counts[index]
}

/** Quantity of the result, by part. */
private val METRICS =
    mapOf(
        AttentionPart.Pattern to "pattern",
        AttentionPart.Scores to "scores",
        AttentionPart.Queries to "queries",
        AttentionPart.Keys to "keys",
        AttentionPart.FinalQueries to "queries, after norm, rotation and scale",
        AttentionPart.FinalKeys to "keys, after norm and rotation",
    )
