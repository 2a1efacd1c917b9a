package dev.kausal.run

import dev.kausal.bundle.ArrayFolder
import dev.kausal.run.backend.Backend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.Journal
import dev.kausal.run.context.RunnableExperiment
import dev.kausal.spec.Result
import dev.kausal.spec.Results

/**
 * Runs an experiment on one model, from its spec and the script's functions.
 *
 * @property journal finished parts of an interrupted run of the same experiment
 * @property given results that are taken as they are instead of computed, by analysis; others may depend on them
 * @property arrays destination of the numbers of large results
 * @property assignment which parts this process computes
 */
public class ExperimentRunner(
    private val experiment: RunnableExperiment,
    private val backend: Backend,
    private val journal: Journal = Journal.None,
    private val given: Map<String, List<Result>> = emptyMap(),
    private val arrays: ArrayFolder = ArrayFolder.temporary(),
    private val assignment: Assignment = Assignment.All,
) {
    /**
     * Runs the filters, then every analysis on the examples they keep, stage by stage. The sweeps of a stage form one
     * plan, so that they share the runs that they start from. Results are in the script's order.
     */
    public fun run(progress: AnalysisProgress): Results = checkNotNull(shard(progress).results) { "parts are missing" }

    /**
     * Does as [run], but computes only parts of this process's [assignment]; the journal has those of others.
     *
     * @return the results, or what is missing for them
     */
    public fun shard(progress: AnalysisProgress): ShardEnd = open().use { it.advance(progress) }

    /** Returns the run in steps, which the caller closes. */
    public fun open(): OpenRun = OpenRun(experiment, backend, journal, given, arrays, assignment)
}

/**
 * How a process that computes some parts of a run ended.
 *
 * @property results the results; null if parts are missing
 * @property missing names of missing parts, and the shards that compute them; 0 if only a merge does
 */
public class ShardEnd internal constructor(
    public val results: Results?,
    public val missing: Map<String, Int>,
)
