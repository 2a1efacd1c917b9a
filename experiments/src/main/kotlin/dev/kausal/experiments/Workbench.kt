package dev.kausal.experiments

import dev.kausal.dsl.declare.DeclaredParameter
import dev.kausal.engine.certify.Bounds
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.Precision
import dev.kausal.experiments.certify.CertificateRecord
import dev.kausal.experiments.cluster.ClusterOptions
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.experiments.shards.ShardReport
import dev.kausal.experiments.shards.ShardedRun
import dev.kausal.experiments.verify.Verification
import dev.kausal.experiments.watch.KeptRuns
import dev.kausal.run.context.Assignment.ShardOf
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries

/**
 * Everything that the command line needs from the DSL, the engine and the reports.
 *
 * Commands parse, find files, show progress and choose exit codes; a workbench does the work. Failures that users can
 * act on are [dev.kausal.engine.errors.KausalException]s and [dev.kausal.bundle.BundleException]s; anything else is a
 * bug.
 */
internal interface Workbench {
    /** Returns whether [value], a script's last expression, is an experiment. */
    fun isExperiment(value: Any): Boolean

    /**
     * Runs [evaluate] (the script's body) with the script's folder, name and parameters available to its builders.
     *
     * @param parameters values of `--set`, by name
     */
    fun evaluating(source: ScriptSource, parameters: Map<String, String>, evaluate: () -> Any): Any

    /** Returns the parameters that a script declares. */
    fun parameters(script: EvaluatedScript): List<DeclaredParameter>

    /** Returns the catalog and what of it is on this machine. */
    fun models(): List<ModelLine>

    /** Pulls a model to this machine; [progress] receives one line at a time. */
    fun pull(ref: String, progress: (String) -> Unit)

    /** Pulls PyTorch's libraries for GPUs to this machine, and returns what can be used there now. */
    fun pullCuda(progress: (String) -> Unit): String

    /**
     * Certifies a model on [device] against its reference's values or, if [reference] is null, only against itself;
     * [progress] receives one line at a time.
     */
    fun certify(
        ref: String,
        reference: Path?,
        precision: Precision,
        bounds: Bounds,
        device: Device,
        progress: (String) -> Unit,
    ): CertificateRecord

    /** Returns the plan as text: cells, computed and skipped rows, FLOPs, memory. Reads no weights. */
    fun explain(script: EvaluatedScript, options: RunOptions): String

    /** Runs the experiment and writes its bundle, completely or not at all. Returns the bundle's folder. */
    fun run(script: EvaluatedScript, options: RunOptions, progress: RunProgress): Path

    /** Returns the files and folders that a script names as its inputs. */
    fun files(script: EvaluatedScript): Set<Path>

    /** Begins runs that share an open model and what it has computed. */
    fun kept(): KeptRuns

    /** Computes one of the shards of a run, in the folder of `--out` that all share. */
    fun shard(script: EvaluatedScript, options: RunOptions, shard: ShardOf, progress: RunProgress): ShardReport

    /** Returns what the shards in [folder] agree on. */
    fun sharded(folder: Path): ShardedRun

    /** Merges the shards in [folders] into the bundle of their run, in the first folder. Returns that. */
    fun merge(script: EvaluatedScript, folders: List<Path>, progress: RunProgress): Path

    /** Rewrites the page of a bundle. Returns the page. */
    fun report(bundle: Path): Path

    /** Writes a page to [page] that compares several bundles. Returns the page. */
    fun compare(bundles: List<Path>, page: Path): Path

    /** Writes a figure of a bundle, by its number or its result's name, for a paper. */
    fun figure(bundle: Path, name: String, options: FigureOptions): FigureFile = FigureFile.write(bundle, name, options)

    /** Returns a sentence for each file that differs from what the run wrote. Runs nothing and opens no model. */
    fun changed(bundle: Path): List<String>

    /** Returns the script of a bundle if its spec calls functions of the script; else null. */
    fun scriptOf(bundle: Path): BundleScript?

    /**
     * Reruns a bundle from its spec, with its threads and memory, and compares every number. Without a script, analyses
     * that need it are skipped, and reported.
     *
     * @param script the bundle's evaluated script, if [scriptOf] asks for it
     */
    fun verify(bundle: Path, script: EvaluatedScript?, options: RunOptions, progress: RunProgress): Verification
}

/**
 * An evaluated script.
 *
 * @property declaration the last expression, for which [Workbench.isExperiment] holds
 */
internal data class EvaluatedScript(
    val source: ScriptSource,
    val declaration: Any,
)

/**
 * The script of a bundle.
 *
 * @property parameters parameters of the run
 * @property analyses analyses that call its functions
 */
internal data class BundleScript(
    val source: ScriptSource,
    val parameters: Map<String, String>,
    val analyses: List<String>,
)

/**
 * Options of a run from the command line.
 *
 * @property model replacement of the script's model; null for none
 * @property out the bundle's folder; null for a new one under `runs/`
 * @property parameters values of `--set`, by name
 * @property threads number of threads; null for the engine's default
 * @property memoryBytes memory limit, weights included; null for none
 * @property exact whether to run one forward pass per cell
 * @property command the command as typed, for `environment.json`
 * @property precision precision of the run
 * @property untrusted whether `verify` must not fetch models
 * @property device where the model computes
 * @property cluster machines that compute the parts of a run; null for this one alone
 * @property replace whether a bundle in [out] is replaced
 */
internal data class RunOptions(
    val model: String? = null,
    val out: Path? = null,
    val parameters: Map<String, String> = emptyMap(),
    val threads: Int? = null,
    val memoryBytes: Long? = null,
    val exact: Boolean = false,
    val command: List<String> = emptyList(),
    val untrusted: Boolean = false,
    val device: Device = Device.CPU,
    val precision: RunPrecision = RunPrecision.Float32,
    val cluster: ClusterOptions? = null,
    val replace: Boolean = false,
) {
    /** Returns whether a run replaces what is in [folder], which must then be a bundle. */
    fun replaces(folder: Path): Boolean =
        replace && folder.exists() && (!folder.isDirectory() || folder.listDirectoryEntries().isNotEmpty())
}

/** One line of `kausal models`. */
internal data class ModelLine(
    val ref: String,
    val description: String,
    val state: String,
)

/** Receives the progress of a run. Stages do not overlap. An exception that one of its functions throws ends the run. */
public interface RunProgress {
    /** Reports a line between stages, such as a download's. */
    public fun note(line: String)

    /** Begins a stage of [total] [unit]s; null if unknown. */
    public fun begin(stage: String, total: Long? = null, unit: String = "")

    /** Reports [count] more finished units, from any thread. */
    public fun advance(count: Long = 1)

    /** Adds [count] units to the stage, which turned out to have more. */
    public fun more(count: Long): Unit = Unit

    /** Ends the stage; [note] is its result. */
    public fun end(note: String = "")
}
