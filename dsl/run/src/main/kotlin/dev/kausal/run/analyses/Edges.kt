package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.exec.PlainExecutor
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
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import java.util.BitSet

/** Effects of edges: from gradients, or one run per edge. */
internal object EdgesAnalysis : JournaledReading<EdgesSpec>(EdgesSpec::class) {
    override fun size(
        spec: EdgesSpec,
        on: Setting,
    ): ResultSize {
        val config = if (spec.perQueryHead) on.config.ungrouped() else on.config
        val labels = spec.only ?: EdgeGraph(config).labels()
        val longest = on.inputs(spec).maxOf { it.length }
        return ResultSize(
            axes = listOf(AxisSpec("edge", labels)),
            shapes = on.inputs(spec).map { listOf(labels.size) },
            native = KEPT_ARRAYS * on.passBytes(longest),
        )
    }

    override fun read(
        spec: EdgesSpec,
        on: RunContext,
    ): List<Result> {
        val pairs = EdgePairs(spec, spec.metric, on)
        val effects = EdgeEffects(spec, pairs, on)
        val unedited = on.contrasts(spec).map { pairs.metrics(it, listOf(pairs.graph.all(), BitSet())) }
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

    /** A recorded pass keeps its intermediate arrays until it has gone back. */
    private const val KEPT_ARRAYS = 30
}

/** The effects of one example's edges. */
private class EdgeEffects(
    private val spec: EdgesSpec,
    private val pairs: EdgePairs,
    private val on: RunContext,
) {
    private val numbers = spec.only?.map { pairs.graph.find(it).orElseThrow() }

    /** Returns the changes of the metric from its value in the [clean] run. */
    fun of(
        contrast: ContrastSpec,
        clean: Double,
    ): DoubleArray {
        val by = spec.by ?: return exact(contrast, clean)
        val all = on.backend.answer(EdgeScores(pairs.of(contrast), by.points, by.rules.toEngine(), spec.perQueryHead))
        return numbers?.let { some -> DoubleArray(some.size) { all[some[it]] } } ?: all
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
