package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.errors.KausalException
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.Clusters
import dev.kausal.run.inference.SelectionSplit
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inputs.Seeds
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Result
import dev.kausal.statistics.Draws
import dev.kausal.statistics.Sample
import dev.kausal.statistics.Signs
import java.util.BitSet
import kotlin.math.sign

/** Edges cannot be ranked on one half of the examples and measured on the other. */
public class NoHalvesException internal constructor(
    spec: CircuitSpec,
) : KausalException(
        Blame.USER,
        place(spec) + ": halves = true needs examples of ${spec.edges} in both halves, but there are too few; use " +
            "more " +
            "examples, or leave halves out",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}

/** The signs of effects cannot be held against draws of examples. */
public class NoDrawsException internal constructor(
    spec: CircuitSpec,
    groups: Int,
    by: String,
) : KausalException(
        Blame.USER,
        place(spec) + ": consistent needs draws of two or more ${by}s of ${spec.edges}, but edges are ranked on " +
            "$groups; use more examples, or leave consistent out",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}

private fun place(spec: CircuitSpec) = listOfNotNull(spec.line?.let { "line $it" }, spec.name).joinToString(", ")

/**
 * Circuits, and the examples that they are measured on.
 *
 * @property leftOut how many edges were not ranked, as their sign does not hold; null if all were
 */
internal class CircuitFold(
    val sets: CircuitSets,
    val leftOut: Int?,
    val measures: (ContrastSpec) -> Boolean,
)

/** The circuits that each example of [spec] is measured with: one fold for all, or two for halves. */
internal class CircuitFolds(
    private val spec: CircuitSpec,
    private val on: RunContext,
    private val graph: EdgeGraph,
) {
    private val maker = CircuitSets.Maker(spec, graph)
    private val by = on.spec.inference?.clusters ?: Grouping.Subject

    /** Returns the folds; they measure every example once. */
    fun all(): List<CircuitFold> {
        spec.kept?.let { kept ->
            return listOf(CircuitFold(maker.of(kept.map { graph.find(it).orElseThrow() }), null) { true })
        }
        val ranked = on.results.getValue(checkNotNull(spec.edges))
        val examples = on.contrasts(on.spec.analysis(ranked.name))
        if (!spec.halves) return listOf(fold(ranked, examples, examples.indices.toList()) { true })
        val all = examples + on.contrasts(spec)
        val halves =
            listOf(by, Grouping.Example).map { SelectionSplit.several(all, it, spec.seed, 2) }
                .firstOrNull { split -> split.size == 2 && split.all { half -> examples.any(half::chooses) } }
        return (halves ?: throw NoHalvesException(spec)).map { half ->
            fold(ranked, examples, examples.indices.filter { half.chooses(examples[it]) }) { !half.chooses(it) }
        }
    }

    /** Returns circuits ranked on the examples with these numbers. */
    private fun fold(
        ranked: Result,
        examples: List<ContrastSpec>,
        chosen: List<Int>,
        measures: (ContrastSpec) -> Boolean,
    ): CircuitFold {
        val among = consistent(ranked, examples, chosen)
        val leftOut = if (spec.consistent == null) null else graph.size() - among.cardinality()
        val signed = ranked.estimate?.unsigned != true
        return CircuitFold(maker.of(helpful(ranked, chosen), among, signed), leftOut, measures)
    }

    /** Returns how far the corruption of each edge moves the metric from the clean run's to the corrupted run's. */
    private fun helpful(
        ranked: Result,
        chosen: List<Int>,
    ): DoubleArray {
        fun mean(run: String) = chosen.mapNotNull { ranked.baseline.getValue(run)[it] }.average()
        val direction = sign(mean("corrupted") - mean("clean"))
        val means = meanOver(chosen.map { ranked.perExample[it] })
        return DoubleArray(graph.size()) { edge -> direction * (means[edge] ?: 0.0) }
    }

    /** Returns the edges whose mean keeps its sign in enough draws of the chosen examples. */
    private fun consistent(
        ranked: Result,
        examples: List<ContrastSpec>,
        chosen: List<Int>,
    ): BitSet {
        val least = spec.consistent ?: return graph.all()
        val sample = Sample(chosen.map { ranked.perExample[it] }, Clusters(chosen.map { examples[it] }, by).labels)
        if (sample.clusters < 2) throw NoDrawsException(spec, sample.clusters, by.name.lowercase())
        val draws = (on.spec.inference ?: InferenceSpec()).resamples
        val held = Signs.held(sample, Draws.of(sample.clusters, draws, Seeds.resampling(on.spec.seed, spec.name)))
        return BitSet().apply { held.forEachIndexed { edge, share -> if (share != null && share >= least) set(edge) } }
    }
}
