package dev.kausal.run.directions

import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.Replacement
import dev.kausal.engine.requests.OnRandomWeights
import dev.kausal.engine.requests.Outcomes
import dev.kausal.engine.training.RandomBasis
import dev.kausal.engine.training.TrainedSubspace
import dev.kausal.run.backend.ProductShape
import dev.kausal.run.context.RunContext
import dev.kausal.run.inputs.Seeds
import dev.kausal.spec.Swap
import dev.kausal.spec.group

/**
 * Interchanges of one kind at one hook point.
 *
 * @property heldOut for each contrast, those by subspaces trained without it: one, or one for each draw
 * @property fitted for each contrast, that by the subspace trained on it; null if none is trained
 */
internal class SwapOutcomes(
    val heldOut: List<List<Interchanged>>,
    val fitted: List<Interchanged>?,
)

/** Trained subspaces of the contrasts that [labelled] has the activations of, and what interchanges of them and of controls lead to. */
internal class AlignmentSearch(
    private val spec: SearchSettings,
    private val labelled: LabelledVectors,
    private val halves: Halves,
    private val on: RunContext,
) {
    private val examples = labelled.examples
    private val pairs = labelled.prompts.map { it.example }
    private val isFirst = labelled.prompts.map { it.isFirst }

    /** The half of each contrast. */
    val half: List<Int> = examples.map { halves.of.getValue(it.group(halves.by)) }
    private val halfOfPrompts = pairs.map { half[it] }

    init {
        val sizes = half.groupingBy { it }.eachCount().values
        if (sizes.any { it < 2 }) throw FewPairsException(spec.name, examples.size)
    }

    /** Whether arbitrary labels exchange answer and foil of each contrast: those of half of the contrasts of each half. */
    val exchanged: List<Boolean> = evenlyShuffled(isFirst, pairs, halfOfPrompts, spec.seed).let { shuffled ->
        val found = pairs.indices.associate { pairs[it] to (shuffled[it] != isFirst[it]) }
        examples.indices.map { found.getValue(it) }
    }

    /** The subspaces of each cell. */
    val cells: List<CellSubspaces> = trained()

    /** The subspaces' vectors, for edits. */
    val vectors: TrainedVectors = TrainedVectors(spec.vectors, labelled, halves, halfOfPrompts, cells)

    private fun trained(): List<CellSubspaces> {
        val trainings = SubspaceTrainings(spec, examples, half, exchanged, on)
        var done = 0
        on.progress.begin("${spec.name}: trainings", spec.vectors.points.size * CellSubspaces.TRAININGS)
        return spec.vectors.points.indices
            .map { cell -> trainings.of(cell) { on.progress.done(++done) } }
            .also { on.progress.end() }
    }

    /** Returns what interchanges lead to, by cell. */
    fun outcomes(): List<Map<Swap, SwapOutcomes>> {
        on.progress.begin("${spec.name}: interchanges", cells.size)
        val own = cells.indices.map { cell ->
            val (plan, read) = planned(cell)
            read(plan.read(on.backend.outcomes(plan.plan, ProductShape.SWEEP))).also { on.progress.done(cell + 1) }
        }
        on.progress.end()
        val random = cells.indices.map { cell ->
            val plan = plan(cell)
            plan to heldOutAndFitted(plan, cells[cell].ofRandomWeights)
        }
        val answers = on.backend.answer(
            OnRandomWeights(random.map { (plan) -> Outcomes(plan.plan, on.backend.budget) }, spec.seed),
        )
        return own.mapIndexed { cell, found ->
            val (plan, read) = random[cell]
            found + (Swap.RandomWeights to read(plan.read(answers[cell])))
        }
    }

    private fun plan(cell: Int) = InterchangePlan(spec, spec.vectors.points[cell].site, examples, on.inputs)

    /** Returns the plan of the interchanges in the model itself at [cell], and how its outcomes are read. */
    private fun planned(cell: Int): Pair<InterchangePlan, (List<Interchanged>) -> Map<Swap, SwapOutcomes>> {
        val plan = plan(cell)
        val own = cells[cell]
        val trained = heldOutAndFitted(plan, own.outside)
        val arbitrary = heldOutAndFitted(plan, own.arbitrary)
        val units = labelled.vectors[cell].first().size
        val drawn = List(spec.draws) { draw ->
            val seed = Seeds.direction(spec.seed + draw, spec.vectors.points[cell].toString())
            InterchangePlan.component(RandomBasis.of(spec.training.rank, units, seed))
        }
        val random = everywhere(plan, drawn)
        val whole = everywhere(plan, listOf { other: FromRun -> other })
        val none = everywhere(plan, listOf { _: FromRun -> null })
        return plan to { all ->
            val onTrue = arbitrary(all)
            mapOf(
                Swap.Trained to trained(all),
                Swap.ArbitraryLabels to SwapOutcomes(
                    onTrue.heldOut.mapIndexed { example, of -> of.map { it.on(exchanged[example]) } },
                    onTrue.fitted!!.mapIndexed { example, of -> of.on(exchanged[example]) },
                ),
                Swap.ArbitraryOnTrue to SwapOutcomes(onTrue.heldOut, null),
                Swap.RandomSubspace to random(all),
                Swap.WholeActivation to whole(all),
                Swap.None to none(all),
            )
        }
    }

    /** Adds the interchanges by the subspace trained [outside] of each contrast's half, and by the one trained inside. */
    private fun heldOutAndFitted(
        plan: InterchangePlan,
        outside: List<TrainedSubspace>,
    ): (List<Interchanged>) -> SwapOutcomes {
        val swaps = outside.map { InterchangePlan.component(it.basis()) }
        val heldOut = examples.indices.map { plan.add(it, swaps[half[it]]) }
        val fitted = examples.indices.map { plan.add(it, swaps[1 - half[it]]) }
        return { all -> SwapOutcomes(heldOut.map { listOf(all[it]) }, fitted.map { all[it] }) }
    }

    private fun everywhere(
        plan: InterchangePlan,
        swaps: List<(FromRun) -> Replacement?>,
    ): (List<Interchanged>) -> SwapOutcomes {
        val numbers = examples.indices.map { example -> swaps.map { plan.add(example, it) } }
        return { all -> SwapOutcomes(numbers.map { own -> own.map { all[it] } }, null) }
    }
}
