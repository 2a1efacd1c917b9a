package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.DeclaredClasses
import dev.kausal.dsl.bind.FitSites
import dev.kausal.dsl.bind.PositionResolver
import dev.kausal.dsl.bind.clusters
import dev.kausal.dsl.bind.labelled
import dev.kausal.dsl.bind.units
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.DirectionMistake
import dev.kausal.spec.AlignmentSearchSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.SubspaceTrainingSpec
import dev.kausal.spec.group

/**
 * Trains a subspace at each layer by distributed alignment search (Geiger et al. 2023): if the corrupted run's component in it is
 * replaced by the clean run's, the answer of the clean prompt is to become the most likely one. The result is the interchange
 * intervention accuracy on contrasts without training: how often the answer is then above the foil. Results `NAME.controls` and
 * `NAME.logitDifference` compare with subspaces trained on arbitrary labels, or in a model with random weights, with random subspaces,
 * the whole activation and no swap.
 *
 * @param inputs contrasts with answer and foil, each one token
 * @param site what is exchanged
 * @param rank number of dimensions of the subspace
 * @param at positions, equally many in both prompts of a contrast; all share one subspace
 * @param layers layers to train at, one after another; all if null
 * @param steps number of steps of Adam
 * @param batch number of contrasts of a step
 * @param learningRate step size at the first step; it falls linearly towards 0
 * @param draws number of random subspaces
 */
public fun ExperimentScope.distributedAlignmentSearch(
    inputs: Inputs<*>,
    site: StreamSite = residPost,
    rank: Int = 1,
    at: Place = last,
    layers: Iterable<Int>? = null,
    steps: Int = 100,
    batch: Int = 16,
    learningRate: Double = 0.01,
    draws: Int = 10,
): Analysis<AlignmentSearchHandle> {
    val line = ScriptLines.line()
    val training = SubspaceTrainingSpec(rank, steps, batch, learningRate)
    val trained = TrainedLayers(rank, layers?.toList())
    return analysis({ AlignmentSearchHandle(it, site, trained) }) {
        AlignmentSearchDeclaration(it, inputs, line, FitSites.OfLayers(site, trained.asked), at, training, draws)
    }
}

internal class AlignmentSearchDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val sites: FitSites.OfLayers,
    private val at: Place,
    private val training: SubspaceTrainingSpec,
    private val draws: Int,
) : DeclaredAnalysis {
    override val ranksLayers: Boolean get() = true

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AlignmentSearchSpec {
        val classes = DeclaredClasses(clean, null, null)
        val vectors = binding.labelled(this, set, classes, sites, at, DirectionFit.MeanDifference)
        binding.needs.answer(line, name, set)
        binding.needs.foil(line, name, set)
        val groups = set.contrasts.map { it.group(binding.clusters) }.distinct().size
        if (groups in
            2 until FEWEST
        ) {
            binding.mistakes += DirectionMistake.FewPairs(line, name, set.shown, groups, FEWEST)
        }
        settings(binding)
        positions(binding, set)
        return AlignmentSearchSpec(name, set.name, line, vectors, training, binding.clusters, binding.seed, draws)
    }

    private fun settings(binding: Binding) {
        val units = binding.units(sites.site.of(0))
        if (units != null && training.rank !in 1..units) {
            binding.bad(line, "rank", "${training.rank}", "1 to $units, the width of ${sites.site}")
        }
        if (training.steps < 1) binding.bad(line, "steps", "${training.steps}", "1 or more")
        if (training.batch < 1) binding.bad(line, "batch", "${training.batch}", "1 or more")
        val rate = training.learningRate
        if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) binding.bad(line, "learningRate", "$rate", "above 0")
        if (draws < 1) binding.bad(line, "draws", "$draws", "1 or more")
    }

    /** Reports the first contrast whose prompts differ in how many positions are exchanged. */
    private fun positions(
        binding: Binding,
        set: ContrastSetSpec,
    ) {
        val unlike = set.contrasts.firstNotNullOfOrNull { contrast ->
            val clean = PositionResolver.find(at, contrast.clean)?.count()
            val corrupted = contrast.corrupted?.let { PositionResolver.find(at, it) }?.count()
            DirectionMistake.PositionsDiffer(line, name, "$at", contrast.label, clean ?: 0, corrupted ?: 0)
                .takeIf { clean != null && corrupted != null && clean != corrupted }
        }
        if (unlike != null) binding.mistakes += unlike
    }

    private companion object {
        /** Groups of contrasts, so that the labels of half of each half can be exchanged. */
        const val FEWEST = 4
    }
}
