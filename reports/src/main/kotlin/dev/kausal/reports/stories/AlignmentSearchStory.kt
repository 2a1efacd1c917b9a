package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.AlignmentRecord
import dev.kausal.spec.AlignmentSearchSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Swap
import dev.kausal.spec.SwapRecord

/** Subspaces trained by distributed alignment search. */
internal object AlignmentSearchStory : Story<AlignmentSearchSpec> {
    override val spec = AlignmentSearchSpec::class
    override val kind = ResultKind.AlignmentSearch

    override fun title(grid: ResultGrid): String =
        "interchange intervention accuracy of trained subspaces, on held-out contrasts, by layer"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override val background: String
        get() =
            "Distributed alignment search trains a subspace so that the answer of the clean prompt (the " +
                "source) becomes " +
                "the most likely one if the component of the corrupted run (the base) in it is replaced by " +
                "that of the " +
                "clean run. Interchange intervention accuracy is the share of contrasts whose answer is " +
                "then above the " +
                "foil. Each subspace is trained on one half of the groups of contrasts and measured on the " +
                "other. Since " +
                "a trained subspace may fit labels that mean nothing to the model (Arora et al. 2024), " +
                "accuracy alone is " +
                "no evidence. It must exceed that of subspaces trained and measured on arbitrary labels " +
                "(answer and foil " +
                "exchanged in a random half of the contrasts), of subspaces trained in a model of the same " +
                "shape with " +
                "random weights, and of random subspaces of the same rank. No swap and the whole activation " +
                "are its bounds."

    override fun method(spec: AlignmentSearchSpec): String =
        with(spec.training) {
            "Subspaces of rank $rank of ${spec.vectors.points.first().site.replace(LAYER, "blocks.N.")}, " +
                "${at(spec.vectors.at)}; cross-entropy of the answer, ${count(steps, "step")} of Adam with " +
                "batches of " +
                "$batch and a learning rate from $learningRate falling to 0, orthonormal after each step; " +
                "${count(spec.draws, "random subspace")}; seed ${spec.seed}."
        }

    override fun findings(grid: ResultGrid): List<String> =
        listOfNotNull(
            headline(grid),
            grid.result.alignment?.let { verdict(grid, it) },
            grid.result.alignment?.let { beyond(grid, it) },
            agreement(grid),
            grid.result.directions?.let { "The subspaces are in ${it.file}." },
        )

    override fun headline(grid: ResultGrid): String {
        val best = grid.highest ?: return ""
        val own = "Exchanging the trained subspace" + (grid.result.alignment?.let { " of rank ${it.rank}" }.orEmpty()) +
            " leads to the clean prompt's answer in ${valueWithin(grid, best)} of held-out contrasts at " +
            "${grid.where(best)}, the highest of ${count(grid.cells, "layer")}"
        val alignment = grid.result.alignment ?: return "$own."
        val controls = alignment.swaps.filter { it.swap.isControl }
        val bounds = alignment.swaps.filter { it.swap in BOUNDS }
        return "$own. Controls there: ${listed(controls.map { reached(it, best) })}. Bounds: " +
            "${listed(bounds.map { reached(it, best) })}." +
            (if (matching(alignment, best).isEmpty()) "" else " ${unshown(alignment, best)}")
    }

    /** Returns the controls that the trained subspace is not shown to exceed at [cell]. */
    private fun matching(
        alignment: AlignmentRecord,
        cell: Int,
    ): List<SwapRecord> = alignment.swaps.filter { it.swap.isControl && (it.gainLow[cell] ?: 0.0) <= 0 }

    private fun unshown(
        alignment: AlignmentRecord,
        cell: Int,
    ): String =
        "The trained subspace is not shown to exceed " +
            "${listed(matching(alignment, cell).map { it.swap.label })}, so its " +
            "accuracy is no evidence that the model has the variable there."

    private fun verdict(
        grid: ResultGrid,
        alignment: AlignmentRecord,
    ): String? {
        val best = grid.highest ?: return null
        if (matching(alignment, best).isNotEmpty()) return null
        val least = alignment.swaps.filter { it.swap.isControl }.minBy { it.gainLow[best]!! }
        return "At ${grid.where(best)}, it exceeds each control; the least, ${least.swap.label}, by " +
            "${signed(least.gainLow[best]!!)} to ${signed(least.gainHigh[best]!!)} (paired by contrast)."
    }

    private fun beyond(
        grid: ResultGrid,
        alignment: AlignmentRecord,
    ): String {
        val above = (0 until grid.cells).filter { matching(alignment, it).isEmpty() }
        val trained = alignment.swaps.first { it.swap == Swap.Trained }
        val arbitrary = alignment.swaps.first { it.swap == Swap.ArbitraryLabels }
        return "It is shown to exceed all controls at ${above.size} of ${count(grid.cells, "layer")}. On " +
            "the contrasts " +
            "that they were trained on, subspaces reach ${span(trained.fitted.orEmpty())}, and those of " +
            "arbitrary " +
            "labels ${span(arbitrary.fitted.orEmpty())}."
    }

    private fun span(values: List<Double>): String =
        if (values.isEmpty()) {
            "no accuracy"
        } else {
            listOf(values.min(), values.max()).map { number(it) }.distinct().joinToString(" to ")
        }

    private fun agreement(grid: ResultGrid): String? {
        val found = grid.result.directions?.cells.orEmpty().mapNotNull { it.agreement }
        if (found.isEmpty()) return null
        return "Subspaces trained on the two halves agree by ${span(found)} (root mean square of the " +
            "cosines of their " +
            "principal angles)."
    }

    override val parts: List<ResultStory> = listOf(InterchangeAccuracyStory, InterchangeDifferenceStory)
}

/** Accuracy of trained subspaces, controls and bounds. */
internal object InterchangeAccuracyStory : ResultStory {
    override val kind = ResultKind.InterchangeAccuracy

    override fun title(grid: ResultGrid): String =
        "interchange intervention accuracy of trained subspaces, controls and bounds, by layer"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun findings(grid: ResultGrid): List<String> =
        listOf("Highest accuracy of any layer: ${listed(highest(grid))}.")
}

/** Logit differences after interchanges. */
internal object InterchangeDifferenceStory : ResultStory {
    override val kind = ResultKind.InterchangeDifference

    override fun title(grid: ResultGrid): String =
        "logit difference after exchanging trained subspaces, controls and bounds, by layer"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun findings(grid: ResultGrid): List<String> =
        listOf("Highest mean logit difference of any layer: ${listed(highest(grid))}.")
}

/** Names the highest mean of each swap, over layers. */
private fun highest(grid: ResultGrid): List<String> =
    grid.axes.first().labels.mapIndexedNotNull { swap, label ->
        val own = (0 until grid.cells).filter { grid.place(it).first() == swap && grid.mean(it) != null }
        own.maxByOrNull { grid.mean(it)!! }?.let { "$label ${valueWithin(grid, it)}" }
    }

private fun reached(
    swap: SwapRecord,
    cell: Int,
): String = "${swap.swap.label} ${number(swap.mean[cell])}"

private val BOUNDS = listOf(Swap.WholeActivation, Swap.None)

private val LAYER = Regex("blocks\\.\\d+\\.")
