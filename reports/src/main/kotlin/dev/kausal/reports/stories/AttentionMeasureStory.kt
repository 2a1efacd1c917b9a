package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.AttentionMeasure
import dev.kausal.spec.AttentionMeasureSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** A measure of attention for each head or layer. */
internal object AttentionMeasureStory : Story<AttentionMeasureSpec> {
    override val spec = AttentionMeasureSpec::class
    override val kind = ResultKind.AttentionMeasure

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun method(spec: AttentionMeasureSpec): String = measure(spec.measure)
}

private fun measure(measure: AttentionMeasure): String =
    when (measure) {
        AttentionMeasure.Entropy -> {
            "Entropy of attention over keys, in nats, mean over queries."
        }

        AttentionMeasure.Diversity -> {
            "Diversity of a layer's heads: mean cosine distance between their maps from [CLS], or between whole " +
                "patterns if there is no [CLS]."
        }

        AttentionMeasure.Distance -> {
            "Mean distance between patches, weighted by attention (Dosovitskiy et al. 2021)."
        }

        AttentionMeasure.PeakRow, AttentionMeasure.PeakColumn -> {
            "The patch with the largest attention from [CLS]."
        }

        AttentionMeasure.Peak -> {
            "Largest share of one patch in the attention from [CLS] to patches."
        }

        AttentionMeasure.Concentration -> {
            "1 \u2212 entropy / ln(patches) of the attention from [CLS] to patches: 0 if uniform, 1 if one patch gets all."
        }

        AttentionMeasure.ClsShare -> {
            "Share of attention to [CLS], mean over queries."
        }

        AttentionMeasure.SeparatorShare -> {
            "Share of attention to separators such as [SEP], mean over queries (Clark et al. 2019)."
        }

        AttentionMeasure.PreviousToken -> {
            "Attention to the previous token, mean over all tokens but the first."
        }

        AttentionMeasure.DuplicateToken -> {
            "Attention to all earlier occurrences of the query's token, mean over the tokens that occurred before " +
                "(Wang et al. 2023)."
        }

        AttentionMeasure.Induction -> {
            "Attention to the tokens after all earlier occurrences of the query's token, mean over the tokens that " +
                "occurred before (Olsson et al. 2022)."
        }
    }
