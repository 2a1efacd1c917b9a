package dev.kausal.run

import dev.kausal.spec.AnalysisSpec

/** The analyses, one for each class of specs. A new one enters here; within a stage, a run keeps the script's order. */
internal object Analyses {
    val all: List<Analysis<*>> =
        listOf(
            SweepAnalysis,
            BehaviourAnalysis,
            AttributionAnalysis,
            AttentionAnalysis,
            LogitLensAnalysis,
            CaptureAnalysis,
            WatchAnalysis,
            HeadDifferenceAnalysis,
            AttentionMapsAnalysis,
            AttentionMeasureAnalysis,
            RolloutAnalysis,
            AttentionFlowAnalysis,
            GradientAttentionAnalysis,
            SpecialisationAnalysis,
            ActivationMapsAnalysis,
            DebugPredictionAnalysis,
            MapAgreementAnalysis,
            DifferenceAnalysis,
            JointAblationAnalysis,
            InteractionAnalysis,
            RankCorrelationAnalysis,
        )

    /** The analysis that computes [spec]. */
    fun <S : AnalysisSpec> of(spec: S): Analysis<S> {
        val found = all.first { it.spec == spec::class }
        @Suppress("UNCHECKED_CAST") // It is for the class of spec, as the line before finds.
        return found as Analysis<S>
    }
}
