package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.run
import dev.kausal.spec.AttentionPart
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** Patterns, scores, queries and keys. */
internal object AttentionStory : Story<AttentionSpec> {
    override val spec = AttentionSpec::class
    override val kind = ResultKind.Attention

    override fun title(grid: Grid): String = "where the heads look"

    override fun figure(grid: Grid): FigureKind = FigureKind.Attention

    override fun method(spec: AttentionSpec): String = methodOfAttention(spec)

    override fun findings(grid: Grid): List<String> = listOfNotNull(textFinding(grid))
}

private fun methodOfAttention(spec: AttentionSpec): String {
    val part =
        when (spec.part) {
            AttentionPart.Pattern -> "Attention patterns, how each position shares its attention among those it sees,"
            AttentionPart.Scores -> "Attention scores, scaled, before the softmax"
            AttentionPart.Queries -> "Queries as they are projected"
            AttentionPart.Keys -> "Keys as they are projected"
            AttentionPart.FinalQueries -> "Queries after norm and rotation, times the scale"
            AttentionPart.FinalKeys -> "Keys after norm and rotation"
        }
    val means = listOfNotNull("heads".takeIf { spec.meanOverHeads }, "layers".takeIf { spec.meanOverLayers })
    val mean = if (means.isEmpty()) "" else ", mean over ${listed(means)}"
    return "$part of ${count(spec.layers.size, "layer")} on ${run(spec.run)}$mean."
}
