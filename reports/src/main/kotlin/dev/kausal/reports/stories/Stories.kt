package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** What a report says, one story for each class of specs. A new one enters here. */
internal object Stories {
    val all: List<Story<*>> =
        listOf(
            SweepStory,
            AttributionStory,
            AttentionStory,
            LogitLensStory,
            CaptureStory,
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
            RankCorrelationStory,
        )

    private val byKind: Map<ResultKind, ResultStory> = all.flatMap { listOf(it) + it.parts }.associateBy { it.kind }

    /** The story of [grid]. */
    fun of(grid: Grid): ResultStory = byKind.getValue(grid.result.kind)

    /** The story of [spec]. */
    fun <S : AnalysisSpec> of(spec: S): Story<S> {
        val found = all.first { it.spec == spec::class }
        @Suppress("UNCHECKED_CAST") // It is of the class of spec, as the line before finds.
        return found as Story<S>
    }
}

/** What [analysis] does, in sentences. */
internal fun methodOf(analysis: AnalysisSpec): String = Stories.of(analysis).method(analysis)

/** What the numbers of a result say, in sentences written from them. */
internal fun findings(grid: Grid): List<String> = Stories.of(grid).told(grid)

/** The few numbers of a result that matter, in a sentence or two: what the summary says of it. */
internal fun headline(grid: Grid): String = Stories.of(grid).headline(grid)

/** What a careful reader may conclude from a result, in sentences written from its numbers. */
internal fun conclusions(grid: Grid): List<String> =
    grid.result.inference?.let { Stories.of(grid).evidence(grid, it) }.orEmpty()

/** The kind that shows a result best when the script asks for none. */
internal fun defaultKind(grid: Grid): FigureKind = Stories.of(grid).figure(grid)
