package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.sweep.SweepResult
import dev.kausal.run.sweep.Sweeps
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.Result
import kotlin.reflect.KClass

/** Computes what one class of specs asks for. There is one for each, in `Analyses`. */
internal interface Analysis<S : AnalysisSpec> {
    /** The specs that it is for. */
    val spec: KClass<S>

    /** When it runs, after the analyses whose results it needs. */
    val stage: Stage

    /**
     * Returns how large the result of [spec] will be, and what it takes, for a run that is announced; null if it has few
     * numbers whatever the inputs are.
     */
    fun size(
        spec: S,
        on: Setting,
    ): ResultSize? = null

    /** When [spec] runs: later than others of its class if it needs more results. */
    fun stage(spec: S): Stage = if (spec.choices.isEmpty()) stage else Stage.CHOSEN

    /** Returns what [spec] needs and makes, now that all earlier stages have run. */
    fun plan(
        spec: S,
        on: RunContext,
    ): Planned
}

/** What an analysis needs and makes. */
internal interface Planned {
    /** The sweeps that it is made of; those of all analyses of a stage run as one plan. */
    val asked: List<SweepRequest> get() = emptyList()

    /** Returns the results, of which the first has the analysis' name; [swept] is what came of [asked]. */
    fun results(swept: List<SweepResult>): List<Result>
}

/** The steps of a run, in their order. */
internal enum class Stage {
    /** Sweeps that are known before anything has run. */
    SWEEPS,

    /** Runs that are read. */
    READINGS,

    /** Sweeps and readings of heads or layers that earlier results rank highest. */
    CHOSEN,

    /** Results that are compared example by example. */
    COMPARISONS,

    /** Ablations of what earlier results rank highest, and the controls of sweeps, which are made at their largest cells. */
    ABLATIONS,

    /** Rankings that are compared. */
    RANKINGS,
}

/** An analysis that reads runs, or other results, and needs no sweeps. */
internal abstract class Reading<S : AnalysisSpec>(
    override val spec: KClass<S>,
    override val stage: Stage = Stage.READINGS,
) : Analysis<S> {
    /** Returns the results, of which the first has the analysis' name. */
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

/** A reading whose results the journal keeps, so that an interrupted run need not repeat it. */
internal abstract class JournaledReading<S : AnalysisSpec>(
    spec: KClass<S>,
) : Reading<S>(spec) {
    /** Returns the results, read anew. */
    abstract fun read(
        spec: S,
        on: RunContext,
    ): List<Result>

    final override fun results(
        spec: S,
        on: RunContext,
    ): List<Result> = on.journaled("reading-${spec.name}") { read(spec, on) }
}
