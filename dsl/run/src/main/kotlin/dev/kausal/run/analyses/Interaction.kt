package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.HeadSets
import dev.kausal.run.inference.meanGap
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inference.unranked
import dev.kausal.run.sweep.SweepResult
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.InteractionSpec
import dev.kausal.spec.PairEffects
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SweepSpec

/** Ablations of heads alone and in pairs. */
internal object InteractionAnalysis : Analysis<InteractionSpec> {
    override val spec = InteractionSpec::class
    override val stage = Stage.ABLATIONS

    override fun plan(
        spec: InteractionSpec,
        on: RunContext,
    ): Planned = Interaction(spec, on)
}

/** The changes by pairs of heads beyond the sum of the changes by each alone. */
private class Interaction(
    private val spec: InteractionSpec,
    private val on: RunContext,
) : Planned {
    private val contrasts = on.contrasts(spec)
    private val rankings = on.rankings
    private val perLayer = on.spec.model.config.heads
    private val heads = HeadSets(on.spec.model.config.layers, perLayer)

    private val chosen: List<Int> =
        (spec.heads?.map { it.layer * perLayer + it.head } ?: fromRankings()).distinct().sorted()

    /** Pairs of indices into [chosen]; a head with itself means that head alone. */
    private val pairs = chosen.indices.flatMap { i -> (i until chosen.size).map { j -> i to j } }
    private val cellOf = pairs.withIndex().associate { (cell, pair) -> pair to cell }

    override val asked: List<SweepRequest> =
        listOf(
            SweepRequest(
                SweepSpec(
                    spec.name,
                    spec.contrasts,
                    spec.line,
                    spec.metric,
                    listOf(AxisSpec("heads", pairs.map { (i, j) -> "${label(i)}+${label(j)}" })),
                    pairs.map { (i, j) -> heads.cell(setOf(chosen[i], chosen[j]).toList(), spec.run, spec.value) },
                ),
                contrasts,
            ),
        )

    /** Takes the tops of the rankings in turn until there are enough heads. */
    private fun fromRankings(): List<Int> {
        val ranked = spec.rankings.map { name -> rankings.ranked(name, spec.order) { true } }
        val turns = (0 until (ranked.maxOfOrNull { it.size } ?: 0)).flatMap { place ->
            ranked.mapNotNull { it.getOrNull(place) }
        }
        return turns.distinct().take(spec.top)
    }

    private fun label(place: Int) = heads.label(chosen[place])

    /** Returns the cell of the sweep that removes heads [i] and [j]. */
    private fun cell(
        i: Int,
        j: Int,
    ): Int = cellOf.getValue(minOf(i, j) to maxOf(i, j))

    override fun results(swept: List<SweepResult>): List<Result> {
        val measured = swept.single().result(null)
        val unedited = measured.baseline.getValue(spec.run.label)
        val changes =
            measured.perExample.mapIndexed { row, values ->
                values.map { value -> unedited[row]?.let { value?.minus(it) } }
            }
        val rows = changes.map { row -> grid { i, j -> if (i == j) row[cell(i, i)] else beyond(row, i, j) } }
        val means = meanOver(changes)
        val labels = chosen.indices.map(::label)
        val result =
            measured.copy(
                kind = ResultKind.Interaction,
                metric = "change of ${measured.metric}",
                axes = listOf(AxisSpec("head", labels), AxisSpec("other head", labels)),
                shape = listOf(labels.size, labels.size),
                perExample = rows,
                mean = if (rows.isEmpty()) grid { _, _ -> null } else meanOver(rows),
                cellAudit = null,
                notes = notes(),
                pairs =
                    PairEffects(
                        chosen.indices.map { means.getOrNull(cell(it, it)) },
                        grid { i, j -> means.getOrNull(cell(i, j)) },
                    ),
            )
        return listOf(on.inference?.of(result, contrasts, explained = meanGap(result.baseline)) ?: result)
    }

    private fun grid(value: (Int, Int) -> Double?): List<Double?> =
        chosen.indices.flatMap { i -> chosen.indices.map { j -> value(i, j) } }

    /** Returns the change by both heads together, beyond the sum of the changes by each alone. */
    private fun beyond(
        changes: List<Double?>,
        i: Int,
        j: Int,
    ): Double? {
        val (first, second) = listOf(changes[cell(i, i)] ?: return null, changes[cell(j, j)] ?: return null)
        return changes[cell(i, j)]?.minus(first + second)
    }

    private fun notes(): List<String> {
        if (spec.heads != null) return emptyList()
        val tied = spec.rankings.filter(rankings::allTied).map(::unranked)
        if (chosen.isEmpty()) return tied
        return tied + listOf(
            "The top ${chosen.size} heads of ${spec.rankings.joinToString(" and ")} may have been chosen on the same " +
                "examples: their changes alone are slightly overstated.",
        )
    }
}
