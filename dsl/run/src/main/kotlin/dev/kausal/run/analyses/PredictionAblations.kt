package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.PatchGrid
import dev.kausal.engine.analysis.attention.PositionRemoval
import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.Part
import dev.kausal.engine.edits.PositionRange
import dev.kausal.engine.edits.Zero
import dev.kausal.engine.graph.Component
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.metrics.Logit
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.Run
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.run.backend.Backend
import dev.kausal.run.backend.ProductShape
import dev.kausal.run.inputs.Seeds
import dev.kausal.run.sweep.terms
import dev.kausal.run.sweep.unchanged
import dev.kausal.spec.Audit
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.PredictionAblation
import java.util.Random

/**
 * The logits of the right class and its rival without patches or heads: the causal part of a debugged prediction.
 * Patches are set to the mean over the image's positions before layer 0, heads to zero.
 */
internal class PredictionAblations(
    private val backend: Backend,
    private val spec: DebugPredictionSpec,
) {
    /** [logits] of each image [removed, class]; [random] of each image [draw, class], whose mean is included. */
    class AblatedLogits(
        val labels: List<String>,
        val logits: List<List<Double>>,
        val random: List<List<Double>>,
        val audit: Audit,
    )

    private val config = backend.config

    fun of(images: List<PredictionEvidence>): AblatedLogits {
        val removals = images.mapIndexed { run, image -> removals(image, run) }
        val cells =
            images.indices.flatMap { run ->
                removals[run].flatMap { edits ->
                    listOf(images[run].right, images[run].rival).map { Cell(run, edits, Logit(it)) }
                }
            }
        val outcomes = backend.outcomes(SweepPlan(images.map { Run(it.input, emptyList()) }, cells), ProductShape.SWEEP)
        val edited = outcomes.filterIndexed { i, _ -> cells[i].edits().isNotEmpty() }
        val audit =
            Audit(
                cells = edited.size,
                fired = edited.sumOf { it.fired() },
                unchanged = edited.count { it.unchanged(config.terms) },
                largestChange = edited.maxOf { it.largestChange() },
            )
        val each = outcomes.map { it.value() }.chunked(removals[0].size * 2)
        val drawn = each.map { row -> row.subList(2 * RANDOM, 2 * (RANDOM + spec.draws)) }
        val mean = { draws: List<Double> ->
            List(2) { side -> draws.filterIndexed { i, _ -> i % 2 == side }.average() }
        }
        val logits = each.zip(drawn) { row, draws ->
            row.take(2 * RANDOM) + mean(draws) + row.drop(2 * (RANDOM + spec.draws))
        }
        return AblatedLogits(labels(images.first()), logits, drawn, audit)
    }

    private fun patchesOf(image: PredictionEvidence): Int = minOf(spec.patches, image.maps[0].size - 1)

    private fun labels(image: PredictionEvidence): List<String> {
        val patches = "${patchesOf(image)} patches"
        val heads = if (spec.heads == 1) "1 head" else "${spec.heads} heads"
        return PredictionAblation.entries.map { ablation ->
            when (ablation) {
                PredictionAblation.Nothing -> "nothing"
                PredictionAblation.AttendedPatches -> "$patches most attended to"
                PredictionAblation.RightPatches -> "$patches for the right class"
                PredictionAblation.RivalPatches -> "$patches for the rival"
                PredictionAblation.RandomPatches -> "$patches drawn at random"
                PredictionAblation.RightHeads -> "$heads for the right class"
                PredictionAblation.RivalHeads -> "$heads for the rival"
            }
        }
    }

    private fun removals(
        image: PredictionEvidence,
        run: Int,
    ): List<List<Edit>> {
        val count = patchesOf(image)
        val random = Random(Seeds.patches(spec.seed, run))
        val drawn = List(spec.draws) { (0 until image.maps[0].size).shuffled(random).take(count) }
        return listOf(
            emptyList(),
            patches(image, run, PositionRemoval.most(image.maps[0].toDoubleArray(), count).toList()),
            patches(image, run, PositionRemoval.most(image.maps[2].toDoubleArray(), count).toList()),
            patches(image, run, PositionRemoval.most(image.maps[3].toDoubleArray(), count).toList()),
        ) + drawn.map { patches(image, run, it) } + listOf(heads(image, 1.0), heads(image, -1.0))
    }

    private fun patches(
        image: PredictionEvidence,
        run: Int,
        patches: List<Int>,
    ): List<Edit> {
        val before = PatchGrid.of(config, image.input).prefix().size
        val positions = patches.map { it + before }.toIntArray()
        return PositionRemoval.edits(config, positions, image.input.length(), PositionRemoval.How.MEAN, listOf(run))
    }

    /** Returns the heads that write most to the logit difference, in the direction of [sign]. */
    private fun heads(
        image: PredictionEvidence,
        sign: Double,
    ): List<Edit> {
        val shares = image.shares.components().zip(image.shares.shares().toList())
        return shares
            .mapNotNull { (component, share) -> (component as? Component.Head)?.let { it to share } }
            .sortedByDescending { (_, share) -> sign * share }
            .take(spec.heads)
            .map { (head, _) -> Edit(HookKind.Z.name(head.layer()), PositionRange.ALL, Part.Head(head.head()), Zero()) }
    }

    private companion object {
        /** Index of the first ablation of random patches. */
        val RANDOM = PredictionAblation.RandomPatches.ordinal
    }
}
