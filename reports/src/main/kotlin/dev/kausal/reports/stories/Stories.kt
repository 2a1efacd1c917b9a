package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** The stories, one for each class of specs. Register new ones here. */
internal object Stories {
    val all: List<Story<*>> =
        listOf(
            DirectionStory,
            AlignmentSearchStory,
            SweepStory,
            DoseResponseStory,
            ProbeStory,
            AttributionStory,
            AttentionStory,
            LogitLensStory,
            CaptureStory,
            GenerationStory,
            WatchStory,
            ActivationMapsStory,
            AttentionMapsStory,
            AttentionMeasureStory,
            RolloutStory,
            AttentionFlowStory,
            GradientAttentionStory,
            SpecialisationStory,
            MapAgreementStory,
            DebugPredictionStory,
            BehaviourStory,
            HeadDifferenceStory,
            DifferenceStory,
            JointAblationStory,
            InteractionStory,
            EdgesStory,
            CircuitStory,
            RankCorrelationStory,
            OverlapStory,
            RocStory,
            FeatureActivationsStory,
            FeatureAttributionStory,
            AttributionGraphStory,
        )

    private val byKind: Map<ResultKind, ResultStory> = all.flatMap { listOf(it) + it.parts }.associateBy { it.kind }

    /** Returns the story of [grid]. */
    fun of(grid: ResultGrid): ResultStory = byKind.getValue(grid.result.kind)

    /** Returns the story of [spec]. */
    fun <S : AnalysisSpec> of(spec: S): Story<S> {
        val found = all.first { it.spec == spec::class }
        @Suppress("UNCHECKED_CAST") // Its spec class is that of spec.
        return found as Story<S>
    }
}

/** Returns the method of [analysis] in sentences. */
internal fun methodOf(analysis: AnalysisSpec): String = Stories.of(analysis).method(analysis)

/** Returns the definition of the metric of [analysis]; null if its method defines it. */
internal fun metricOf(analysis: AnalysisSpec): String? = Stories.of(analysis).metric(analysis)

/** Returns the findings of a result. */
internal fun findings(grid: ResultGrid): List<String> = Stories.of(grid).allFindings(grid)

/** Returns the main finding of a result, for the summary. */
internal fun headline(grid: ResultGrid): String = Stories.of(grid).headline(grid)

/** Returns the conclusions that the tests of a result support. */
internal fun conclusions(grid: ResultGrid): List<String> =
    grid.result.inference?.let { Stories.of(grid).evidence(grid, it) }.orEmpty()

/** Returns the default kind of figure of a result. */
internal fun defaultKind(grid: ResultGrid): FigureKind = Stories.of(grid).figure(grid)
