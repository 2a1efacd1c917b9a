package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.PartsMissing
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.sweep.SweepResult
import dev.kausal.run.sweep.Sweeps
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.Result
import kotlin.reflect.KClass

/** Computes one class of specs. There is one for each, in `Analyses`. */
internal interface Analysis<S : AnalysisSpec> {
    /** The class of specs. */
    val spec: KClass<S>

    /** The stage in which it runs, after the analyses whose results it needs. */
    val stage: Stage

    /**
     * Returns the size and cost of the result of [spec], to announce before a run; null if it has few numbers whatever
     * the inputs are.
     */
    fun size(
        spec: S,
        on: Setting,
    ): ResultSize? = null

    /** Returns the stage of [spec], later than that of its class if it needs more results. */
    fun stage(spec: S): Stage = if (spec.choices.isEmpty()) stage else Stage.CHOSEN

    /** Returns the plan for [spec], after all earlier stages have run. */
    fun plan(
        spec: S,
        on: RunContext,
    ): Planned
}

/** What an analysis needs and yields. */
internal interface Planned {
    /** The sweeps that it consists of; those of all analyses of a stage run as one plan. */
    val asked: List<SweepRequest> get() = emptyList()

    /** Returns the results, the first with the analysis's name; [swept] are the results of [asked]. */
    fun results(swept: List<SweepResult>): List<Result>
}

/** The stages of a run, in order. */
internal enum class Stage {
    /** Fits of directions, which edits of all later stages use. */
    DIRECTIONS,

    /** Sweeps that depend on no other results. */
    SWEEPS,

    /** Analyses that read runs. */
    READINGS,

    /** Sweeps and readings of heads or layers that earlier results rank highest. */
    CHOSEN,

    /** Comparisons of results by example. */
    COMPARISONS,

    /** Ablations of the cells that earlier results rank highest, and the controls of sweeps, at their largest cells. */
    ABLATIONS,

    /** Comparisons of rankings. */
    RANKINGS,
    ;

    /** Whether it needs no results of other stages besides directions, which each shard fits itself. */
    val first: Boolean get() = this == DIRECTIONS || this == SWEEPS || this == READINGS
}

/** An analysis that reads runs or other results, and needs no sweeps. */
internal abstract class Reading<S : AnalysisSpec>(
    override val spec: KClass<S>,
    override val stage: Stage = Stage.READINGS,
) : Analysis<S> {
    /** Returns the results, the first with the analysis's name. */
    abstract fun results(
        spec: S,
        on: RunContext,
    ): List<Result>

    override fun plan(
        spec: S,
        on: RunContext,
    ): Planned =
        object : Planned {
            override fun results(swept: List<SweepResult>): List<Result> = results(spec, on)
        }
}

/** A reading whose results are kept in the journal, so that an interrupted run need not repeat it. */
internal abstract class JournaledReading<S : AnalysisSpec>(
    spec: KClass<S>,
    stage: Stage = Stage.READINGS,
) : Reading<S>(spec, stage) {
    /** Computes the results. */
    abstract fun read(
        spec: S,
        on: RunContext,
    ): List<Result>

    final override fun results(
        spec: S,
        on: RunContext,
    ): List<Result> {
        val whole = !spec.examplesApart
        // Written into the bundle that the merge writes.
        if (whole && on.assignment != Assignment.All && size(spec, on.setting)?.isLarge == true) {
            throw PartsMissing(mapOf(spec.name to PartsMissing.MERGE))
        }
        return on.journaled("reading-${spec.name}", whole) { read(spec, on) }
    }
}
