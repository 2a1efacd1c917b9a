package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.chosen
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.run
import dev.kausal.spec.AttentionPart
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** Attention patterns, scores, queries and keys. */
internal object AttentionStory : Story<AttentionSpec> {
    override val spec = AttentionSpec::class
    override val kind = ResultKind.Attention

    override fun title(grid: ResultGrid): String = "attention of the heads"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Attention

    override fun method(spec: AttentionSpec): String = methodOfAttention(spec)

    override fun findings(grid: ResultGrid): List<String> = listOfNotNull(textFinding(grid))
}

private fun methodOfAttention(spec: AttentionSpec): String {
    val part =
        when (spec.part) {
            AttentionPart.Pattern -> "Attention patterns"
            AttentionPart.Scores -> "Scaled attention scores before the softmax"
            AttentionPart.Queries -> "Queries as projected"
            AttentionPart.Keys -> "Keys as projected"
            AttentionPart.FinalQueries -> "Queries after norm, rotation and scaling"
            AttentionPart.FinalKeys -> "Keys after norm and rotation"
        }
    val means = listOfNotNull("heads".takeIf { spec.meanOverHeads }, "layers".takeIf { spec.meanOverLayers })
    val mean = if (means.isEmpty()) "" else ", mean over ${listed(means)}"
    return "$part of ${layers(spec)} on ${run(spec.run)}$mean."
}

private fun layers(spec: AttentionSpec): String =
    spec.choice?.let { "the layers of ${chosen(it)}" } ?: count(spec.layers.size, "layer")
