package dev.kausal.run.inference

import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ChoiceSpec
import dev.kausal.spec.Chosen
import dev.kausal.spec.ChosenPlace
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Result
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.contrastsOf
import dev.kausal.spec.places
import dev.kausal.spec.resolved

/** The heads and layers that analyses choose from the tops of computed results. */
internal class Choices(
    private val spec: ExperimentSpec,
    private val rankings: Rankings,
) {
    /** Returns the sweep with the edits that its choices come to. */
    fun resolved(sweep: SweepSpec): SweepSpec =
        if (sweep.choices.isEmpty()) sweep else sweep.copy(cells = sweep.cells.map { it.resolved(::places) })

    /** Returns the places that [choice] comes to, from the top. */
    fun places(choice: ChoiceSpec): List<ChosenPlace> {
        if (choice.features) return choice.places(features(choice))
        val perLayer = rankings.result(choice.ranking).axes.getOrNull(1)?.labels?.size
        val ranked = rankings.ranked(choice.ranking, choice.order) { true }
        val places =
            ranked.map { if (perLayer == null) ChosenPlace(it, null) else ChosenPlace(it / perLayer, it % perLayer) }
        return choice.places(places)
    }

    /** Returns the features from the top. */
    private fun features(choice: ChoiceSpec): List<ChosenPlace> {
        val labels = rankings.result(choice.ranking).axes.single().labels
        return rankings.ranked(choice.ranking, choice.order) { true }.map { ChosenPlace(labels[it].toInt(), null) }
    }

    /** Returns [result] with what the choices of [analysis] came to. */
    fun noted(
        analysis: AnalysisSpec,
        result: Result,
    ): Result {
        // Of a choice that a sweep goes over, the result has the whole.
        val choices = analysis.choices.map { it.copy(rank = null) }.distinct()
        val chosen = choices.map { choice -> Chosen(choice, places(choice).map { "$it" }) }
        return result.copy(
            axes = result.axes.map { axis -> if (axis.name == ChoiceSpec.RANK) named(axis, analysis) else axis },
            chosen = chosen,
            notes = result.notes + chosen.flatMap { notes(it, analysis) }.distinct(),
        )
    }

    /** Returns [axis], of ranks, with the head or layer of each: `1 (3.0)`. */
    private fun named(
        axis: AxisSpec,
        analysis: AnalysisSpec,
    ): AxisSpec {
        val units = analysis.choices.filter { it.rank != null }.associate { choice ->
            val unit = places(choice).singleOrNull()
            choice.rank to unit?.let { if (choice.features) "feature $it" else "$it" }
        }
        val labels = axis.labels.mapIndexed { rank, label -> units[rank]?.let { "$label ($it)" } ?: label }
        return axis.copy(labels = labels)
    }

    private fun notes(
        chosen: Chosen,
        analysis: AnalysisSpec,
    ): List<String> {
        val choice = chosen.choice
        if (chosen.units.isEmpty()) return listOf(unranked(choice.ranking) + " Nothing was chosen.")
        val units = if (choice.features) {
            "features"
        } else if (choice.layers) {
            "layers"
        } else {
            "heads"
        }
        val names = places(choice).map { if (it.head == null) "${it.layer}" else "L${it.layer}H${it.head}" }
        val same = spec.contrastsOf(analysis).any { it in rankings.contrasts(choice.ranking) }
        return listOfNotNull(
            "The ${choice.order.name.lowercase()} ${choice.count} of ${choice.ranking}: $units " +
                "${names.joinToString()}.",
            CHOSEN_HERE.takeIf { same && analysis is SweepSpec },
        )
    }

    private companion object {
        const val CHOSEN_HERE =
            "They were chosen and measured on the same examples, which makes their effect look larger than it is on " +
                "new ones; jointAblation measures on other examples than it chooses on."
    }
}
