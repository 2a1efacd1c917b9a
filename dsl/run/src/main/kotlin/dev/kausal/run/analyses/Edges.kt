package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeBatches
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.requests.EdgeScores
import dev.kausal.engine.requests.ExactEdges
import dev.kausal.run.backend.points
import dev.kausal.run.backend.toEngine
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.context.measured
import dev.kausal.run.inference.EdgeSummaries
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EdgesSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** Effects of edges: from gradients, or one run per edge. */
internal object EdgesAnalysis : JournaledReading<EdgesSpec>(EdgesSpec::class) {
    override fun size(
        spec: EdgesSpec,
        on: Setting,
    ): ResultSize {
        val config = if (spec.perQueryHead) on.config.ungrouped() else on.config
        val graph = EdgeGraph(config)
        val labels = spec.only ?: graph.labels()
        val lengths = on.inputs(spec).map { it.length }
        return ResultSize(
            axes = listOf(AxisSpec("edge", labels)),
            shapes = lengths.map { listOf(labels.size) },
            native = spec.by?.let { bytes(it, config, lengths, on) } ?: (KEPT_ARRAYS * on.passBytes(lengths.max())),
            working = spec.by?.let { COPIES * Double.SIZE_BYTES * graph.size() * together(graph, lengths, on) } ?: 0,
        )
    }

    private fun bytes(
        by: EstimateSpec,
        config: ModelConfig,
        lengths: List<Int>,
        on: Setting,
    ): Long {
        val (threads, tuning) = on.resources.run { threads to tuning }
        val batches = EdgeBatches(config, by.points, by.rules.toEngine(), budget(config, on), threads, tuning)
        return copiedBytes(config, on) + batches.peakBytes(lengths)
    }

    override fun read(
        spec: EdgesSpec,
        on: RunContext,
    ): List<Result> {
        val pairs = EdgePairs(spec, spec.metric, on)
        val effects = EdgeEffects(spec, pairs, on)
        val unedited = on.contrasts(spec).map(pairs::ends)
        val clean = unedited.map { it[0] }
        val corrupted = unedited.map { it[1] }
        pairs.requireGap(clean, corrupted)
        val wholes = clean.iterator()
        val metric = spec.measure(on.spec).text
        val result =
            on.measured(spec, ResultKind.Edges, metric, size(spec, on.setting)) { contrast, row ->
                val numbers = effects.of(contrast, wholes.next())
                row.write(0, numbers.size) { numbers[it] }
            }
        val measured = result.copy(baseline = mapOf("clean" to clean, "corrupted" to corrupted), estimate = spec.by)
        return listOf(EdgeSummaries(on.contrasts(spec), on.spec.inference, on.spec.seed).added(measured))
    }

    /** Arrays of a pass in a plan of patched edges. */
    private const val KEPT_ARRAYS = 30

    /** Copies of the numbers of all edges while gradients are taken. */
    private const val COPIES = 2L
}

/** Returns the bytes for passes in a model with [config]; the rest is for numbers in Java's heap. */
private fun budget(
    config: ModelConfig,
    on: Setting,
): Long = maxOf(0, on.resources.budget / 4 * 3 - copiedBytes(config, on))

/** Returns the bytes of weights that a model with [config] does not share with that of [on]. */
private fun copiedBytes(
    config: ModelConfig,
    on: Setting,
): Long = if (config.keyValueHeads() == on.config.keyValueHeads()) 0 else Sizes(config).projectionBytes()

/** Returns how many examples of these [lengths] are estimated in one request. */
private fun together(
    graph: EdgeGraph,
    lengths: List<Int>,
    on: Setting,
): Int {
    val rows = on.resources.tuning.promptRows() / lengths.average()
    return minOf(rows.toInt(), NUMBERS / graph.size(), lengths.size).coerceAtLeast(1)
}

/** Numbers of edges that are held in Java's heap besides results. */
private const val NUMBERS = 1 shl 22

/** The effects of edges, example by example in their order. */
private class EdgeEffects(
    private val spec: EdgesSpec,
    private val pairs: EdgePairs,
    private val on: RunContext,
) {
    private val numbers = spec.only?.map { pairs.graph.find(it).orElseThrow() }
    private val estimates = spec.by?.let { estimates(it).iterator() }

    /** Returns the changes of the metric from its value in the [clean] run, for the next example. */
    fun of(
        contrast: ContrastSpec,
        clean: Double,
    ): DoubleArray {
        val all = estimates?.next() ?: return exact(contrast, clean)
        return numbers?.let { some -> DoubleArray(some.size) { all[some[it]] } } ?: all
    }

    /** Returns the estimates of all edges for each example, some examples at a time. */
    private fun estimates(by: EstimateSpec): Sequence<DoubleArray> {
        val examples = on.contrasts(spec)
        val config = if (spec.perQueryHead) on.setting.config.ungrouped() else on.setting.config
        val together = together(EdgeGraph(config), examples.map { it.clean.length }, on.setting)
        val (rules, budget) = by.rules.toEngine() to budget(config, on.setting)
        return examples.asSequence().chunked(together).flatMap { some ->
            val request = EdgeScores(some.map(pairs::of), by.points, rules, spec.perQueryHead, budget)
            on.backend.answer(request).asSequence()
        }
    }

    private fun exact(
        contrast: ContrastSpec,
        clean: Double,
    ): DoubleArray {
        val edges = numbers ?: List(pairs.graph.size()) { it }
        val budget = if (on.backend.executor == PLAIN) 0 else BUDGET
        val metrics = pairs.values(on.backend.answer(ExactEdges(pairs.of(contrast), edges, budget)))
        return DoubleArray(metrics.size) { metrics[it] - clean }
    }

    private companion object {
        val PLAIN: String = PlainExecutor().name()

        /** Memory in bytes of a plan over one pair. */
        const val BUDGET = 1L shl 29
    }
}
