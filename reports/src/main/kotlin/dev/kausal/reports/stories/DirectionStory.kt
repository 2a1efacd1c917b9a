package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.ClassesSpec
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.DirectionSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** Directions between two classes of prompts. */
internal object DirectionStory : Story<DirectionSpec> {
    override val spec = DirectionSpec::class
    override val kind = ResultKind.Direction

    override fun title(grid: ResultGrid): String =
        "difference of the classes along the fitted direction, on held-out examples, by " +
            grid.axes.joinToString(" and ") { it.name }

    override fun figure(grid: ResultGrid): FigureKind =
        if (grid.axes.size == 1) FigureKind.Lines else FigureKind.Heatmap

    override val background: String
        get() =
            "A direction is fitted on each half of the groups of examples, and measured and used on the other half. " +
                "Its held-out share is the difference of the classes along it on the other half, divided by that " +
                "on the half that it was fitted on: 1 if it separates new examples as well, 0 if not at all, " +
                "as expected for classes that do not differ. Prompts of other groups get the direction " +
                "fitted on all examples."

    override fun method(spec: DirectionSpec): String =
        "${fitted(spec.fit)}, ${classesText(spec.vectors.classes)}, ${at(spec.vectors.at)} of " +
            "${spec.vectors.points.first().site.replace("blocks.0.", "blocks.N.")}."

    override fun findings(grid: ResultGrid): List<String> =
        listOfNotNull(
            headline(grid),
            agreement(grid),
            grid.result.directions?.let { "The directions are in ${it.file}." },
        )

    override fun headline(grid: ResultGrid): String {
        val best = grid.highest ?: return ""
        val low = grid.result.ciLow.getOrNull(best)
        val high = grid.result.ciHigh.getOrNull(best)
        val interval = if (low == null || high == null) "" else " (${number(low)} to ${number(high)})"
        return "Held-out examples show ${number(grid.mean(best))}$interval of the fitted difference at " +
            "${grid.where(best)}.${largestOf(grid.cells)}"
    }

    /** Describes how far directions fitted on the two halves agree. */
    private fun agreement(grid: ResultGrid): String? {
        val found = grid.result.directions?.cells.orEmpty().mapNotNull { it.agreement }
        if (found.isEmpty()) return null
        return "Cosine of the directions fitted on the two halves: ${number(found.min())} to ${number(found.max())}."
    }
}

private fun fitted(fit: DirectionFit): String =
    when (fit) {
        DirectionFit.MeanDifference -> "Difference of the mean activations"
        DirectionFit.PrincipalDifference -> "First principal component of the differences of activations"
        DirectionFit.PrincipalComponent -> "First principal component of the activations"
        DirectionFit.Logistic -> "Weights of a logistic regression of the classes on the activations"
    }

/** Names two classes of prompts. */
internal fun classesText(classes: ClassesSpec): String =
    when (classes) {
        is ClassesSpec.Pairs -> {
            listOf("clean", "corrupted").let { if (classes.clean) it else it.reversed() }
                .let { (first, second) -> "$first against $second prompts of the same contrasts" }
        }

        is ClassesSpec.Sets -> {
            "the set's prompts against those of ${classes.other}"
        }

        is ClassesSpec.Labels -> {
            "prompts of ${listed(classes.first.take(NAMED))}" +
                (if (classes.first.size > NAMED) " and ${classes.first.size - NAMED} more" else "") +
                " against the others"
        }
    }

/** Examples that a sentence names. */
private const val NAMED = 4
