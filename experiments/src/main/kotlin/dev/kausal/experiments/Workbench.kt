package dev.kausal.experiments

import dev.kausal.dsl.declare.DeclaredParameter
import dev.kausal.engine.certify.Bounds
import dev.kausal.experiments.certify.CertificateRecord
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.experiments.verify.Verification
import java.nio.file.Path

/**
 * Everything that the command line asks of the DSL, the engine and the reports, and nothing else.
 *
 * A seam, not a service: the commands parse, find files, show progress and choose exit codes; a workbench does the
 * work. Failures that a person can act on are [dev.kausal.engine.errors.KausalException]s and
 * [dev.kausal.bundle.BundleException]s; anything else is taken for a bug.
 */
internal interface Workbench {
    /** Whether a script that ended with this value declared an experiment. */
    fun isExperiment(value: Any): Boolean

    /**
     * Runs [evaluate] (the script's body) where the builders can find the script's folder, its name and its parameters.
     *
     * @param parameters values of `--set`, by name
     */
    fun evaluating(source: ScriptSource, parameters: Map<String, String>, evaluate: () -> Any): Any

    /** The parameters that a script declares. */
    fun parameters(script: EvaluatedScript): List<DeclaredParameter>

    /** The catalog and what is already on this machine. */
    fun models(): List<ModelLine>

    /** Brings a model to this machine; [progress] takes one line at a time. */
    fun pull(ref: String, progress: (String) -> Unit)

    /**
     * Certifies a model against what its reference computed, or, where [reference] is null, against itself alone;
     * [progress] takes one line at a time.
     */
    fun certify(ref: String, reference: Path?, bounds: Bounds, progress: (String) -> Unit): CertificateRecord

    /** The plan as text: cells, rows computed and skipped, FLOPs, memory. Reads no weights. */
    fun explain(script: EvaluatedScript, options: RunOptions): String

    /** Runs the experiment and writes its bundle, whole or not at all. Returns the bundle's folder. */
    fun run(script: EvaluatedScript, options: RunOptions, progress: RunProgress): Path

    /** Writes the page of a bundle again. Returns the page. */
    fun report(bundle: Path): Path

    /** Writes one page that compares several bundles to [page]. */
    fun compare(bundles: List<Path>, page: Path): Path

    /** The files of a bundle that are not what the run wrote, each in a sentence. Runs nothing and opens no model. */
    fun changed(bundle: Path): List<String>

    /** The script of a bundle where its spec names functions that only the script holds; else null. */
    fun scriptOf(bundle: Path): BundleScript?

    /**
     * Runs a bundle again from its spec, with its threads and memory, and compares every number. What needs the script is
     * left out, and said to be, if there is none.
     *
     * @param script the bundle's evaluated script, where [scriptOf] asks for it
     */
    fun verify(bundle: Path, script: EvaluatedScript?, options: RunOptions, progress: RunProgress): Verification
}

/**
 * A script that has run.
 *
 * @property declaration the last expression; [Workbench.isExperiment] holds for it
 */
internal data class EvaluatedScript(
    val source: ScriptSource,
    val declaration: Any,
)

/**
 * The script of a bundle.
 *
 * @property parameters that it ran with
 * @property analyses that call its functions
 */
internal data class BundleScript(
    val source: ScriptSource,
    val parameters: Map<String, String>,
    val analyses: List<String>,
)

/**
 * What the command line may change about a run.
 *
 * @property model replaces the script's model; null keeps it
 * @property out the bundle's folder; null means a new one under `runs/`
 * @property parameters values of `--set`, by name
 * @property threads null leaves the choice to the engine
 * @property memoryBytes what the run may take, weights included; null for no limit
 * @property exact one forward pass per cell
 * @property command as typed, for `environment.json`
 * @property untrusted whether `verify` fetches no model
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
)

/** One line of `kausal models`. */
internal data class ModelLine(
    val ref: String,
    val description: String,
    val state: String,
)

/** Hears how far a run has come. Stages do not overlap. */
internal interface RunProgress {
    /** A line between stages, such as a download's. */
    fun note(line: String)

    /** A stage begins; [total] counts its [unit]s, null if that is not known. */
    fun begin(stage: String, total: Long? = null, unit: String = "")

    /** [count] more units are done. May come from any thread. */
    fun advance(count: Long = 1)

    /** The stage is over; [note] is its result. */
    fun end(note: String = "")
}
