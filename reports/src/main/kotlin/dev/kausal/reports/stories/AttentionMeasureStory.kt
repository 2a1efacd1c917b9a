package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.spec.AttentionMeasure
import dev.kausal.spec.AttentionMeasureSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** A number of every head or layer. */
internal object AttentionMeasureStory : Story<AttentionMeasureSpec> {
    override val spec = AttentionMeasureSpec::class
    override val kind = ResultKind.AttentionMeasure

    override fun figure(grid: Grid): FigureKind = FigureKind.Lines

    override fun method(spec: AttentionMeasureSpec): String = measure(spec.measure)
}

private fun measure(measure: AttentionMeasure): String =
    when (measure) {
        AttentionMeasure.Entropy -> {
            "Entropy of attention over keys, in nats, mean over queries."
        }

        AttentionMeasure.Diversity -> {
            "How unlike a layer's heads look: mean cosine distance of all pairs of their maps from [CLS], or of " +
                "whole patterns where there is no such position."
        }

        AttentionMeasure.Distance -> {
            "Mean distance between a patch and where it looks (Dosovitskiy et al. 2021), weighted by attention."
        }

        AttentionMeasure.PeakRow, AttentionMeasure.PeakColumn -> {
            "The patch that [CLS] looks at most."
        }

        AttentionMeasure.Peak -> {
            "The strongest patch's part of what [CLS] gives to patches."
        }

        AttentionMeasure.Concentration -> {
            "1 \u2212 entropy / ln patches of what [CLS] gives to patches: 0 where it is even, 1 where one gets all."
        }

        AttentionMeasure.ClsShare -> {
            "The part of all attention that goes to [CLS], mean over queries."
        }

        AttentionMeasure.SeparatorShare -> {
            "The part of all attention that goes to separators, such as [SEP], mean over queries (Clark et al. 2019)."
        }
    }
