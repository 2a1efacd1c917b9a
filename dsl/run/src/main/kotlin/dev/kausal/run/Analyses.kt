package dev.kausal.run

import dev.kausal.run.analyses.ActivationMapsAnalysis
import dev.kausal.run.analyses.AlignmentSearchAnalysis
import dev.kausal.run.analyses.Analysis
import dev.kausal.run.analyses.AttentionAnalysis
import dev.kausal.run.analyses.AttentionFlowAnalysis
import dev.kausal.run.analyses.AttentionMapsAnalysis
import dev.kausal.run.analyses.AttentionMeasureAnalysis
import dev.kausal.run.analyses.AttributionAnalysis
import dev.kausal.run.analyses.AttributionGraphAnalysis
import dev.kausal.run.analyses.BehaviourAnalysis
import dev.kausal.run.analyses.CaptureAnalysis
import dev.kausal.run.analyses.CircuitAnalysis
import dev.kausal.run.analyses.DebugPredictionAnalysis
import dev.kausal.run.analyses.DifferenceAnalysis
import dev.kausal.run.analyses.DirectionAnalysis
import dev.kausal.run.analyses.DoseResponseAnalysis
import dev.kausal.run.analyses.EdgesAnalysis
import dev.kausal.run.analyses.FeatureActivationsAnalysis
import dev.kausal.run.analyses.FeatureAttributionAnalysis
import dev.kausal.run.analyses.GenerationAnalysis
import dev.kausal.run.analyses.GradientAttentionAnalysis
import dev.kausal.run.analyses.HeadDifferenceAnalysis
import dev.kausal.run.analyses.InteractionAnalysis
import dev.kausal.run.analyses.JointAblationAnalysis
import dev.kausal.run.analyses.LogitLensAnalysis
import dev.kausal.run.analyses.MapAgreementAnalysis
import dev.kausal.run.analyses.OverlapAnalysis
import dev.kausal.run.analyses.ProbeAnalysis
import dev.kausal.run.analyses.RankCorrelationAnalysis
import dev.kausal.run.analyses.RocAnalysis
import dev.kausal.run.analyses.RolloutAnalysis
import dev.kausal.run.analyses.SpecialisationAnalysis
import dev.kausal.run.analyses.SweepAnalysis
import dev.kausal.run.analyses.WatchAnalysis
import dev.kausal.spec.AnalysisSpec

/** The analyses, one per class of specs. Register new ones here; within a stage, a run keeps the script's order. */
internal object Analyses {
    val all: List<Analysis<*>> =
        listOf(
            DirectionAnalysis,
            AlignmentSearchAnalysis,
            SweepAnalysis,
            DoseResponseAnalysis,
            ProbeAnalysis,
            BehaviourAnalysis,
            AttributionAnalysis,
            AttentionAnalysis,
            LogitLensAnalysis,
            CaptureAnalysis,
            GenerationAnalysis,
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
            EdgesAnalysis,
            CircuitAnalysis,
            RankCorrelationAnalysis,
            OverlapAnalysis,
            RocAnalysis,
            FeatureActivationsAnalysis,
            FeatureAttributionAnalysis,
            AttributionGraphAnalysis,
        )

    /** Returns the analysis that computes [spec]. */
    fun <S : AnalysisSpec> of(spec: S): Analysis<S> {
        val found = all.first { it.spec == spec::class }
        @Suppress("UNCHECKED_CAST") // it handles the class of spec, as the line before finds
        return found as Analysis<S>
    }
}
