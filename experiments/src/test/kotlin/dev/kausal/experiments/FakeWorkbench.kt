package dev.kausal.experiments

import dev.kausal.dsl.declare.DeclaredParameter
import dev.kausal.dsl.mistakes.ParameterType
import dev.kausal.engine.certify.Bounds
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.Precision
import dev.kausal.experiments.certify.CertificateRecord
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.experiments.shards.ShardReport
import dev.kausal.experiments.shards.ShardedRun
import dev.kausal.experiments.verify.Verification
import dev.kausal.experiments.watch.KeptRuns
import dev.kausal.run.context.Assignment.ShardOf
import java.nio.file.Path

/** Takes any text for an experiment, remembers what it was asked, and fails with [failure] if there is one. */
internal class FakeWorkbench(
    private val failure: Throwable? = null,
) : Workbench {
    var script: EvaluatedScript? = null
    var options: RunOptions? = null
    var parameters: Map<String, String>? = null
    var pulled: String? = null

    override fun isExperiment(value: Any): Boolean = value is String

    override fun evaluating(source: ScriptSource, parameters: Map<String, String>, evaluate: () -> Any): Any {
        this.parameters = parameters
        return evaluate()
    }

    /** What the next `verify` finds. */
    var verification: Verification = Verification(emptyList(), 3, 0.0)

    /** The bundles of the last comparison. */
    var compared: List<Path> = emptyList()

    override fun parameters(script: EvaluatedScript): List<DeclaredParameter> =
        listOf(
            DeclaredParameter("examples", ParameterType.Int, "24", "24", "drawn from all facts"),
            DeclaredParameter("loud", ParameterType.Boolean, "true", "true", ""),
        )

    override fun models(): List<ModelLine> =
        listOf(ModelLine("tiny", "a toy", "here"), ModelLine("smollm2-135m-q4", "a language model", "not here"))

    override fun pull(ref: String, progress: (String) -> Unit) {
        pulled = ref
        progress("pulling $ref")
    }

    override fun pullCuda(progress: (String) -> Unit): String = throw UnsupportedOperationException("pullCuda")

    override fun certify(
        ref: String,
        reference: Path?,
        precision: Precision,
        bounds: Bounds,
        device: Device,
        progress: (String) -> Unit,
    ): CertificateRecord = throw UnsupportedOperationException("certify")

    override fun explain(script: EvaluatedScript, options: RunOptions): String {
        remember(script, options)
        return "plan of ${script.declaration}\n"
    }

    override fun run(script: EvaluatedScript, options: RunOptions, progress: RunProgress): Path {
        remember(script, options)
        progress.note("pulled tiny")
        progress.begin("sweep trace", 3, "cells")
        progress.advance(3)
        progress.end("1 skipped")
        return Path.of("runs", "fake")
    }

    override fun files(script: EvaluatedScript): Set<Path> = emptySet()

    override fun kept(): KeptRuns = throw UnsupportedOperationException("kept")

    override fun shard(
        script: EvaluatedScript,
        options: RunOptions,
        shard: ShardOf,
        progress: RunProgress,
    ): ShardReport = throw UnsupportedOperationException("shard")

    override fun sharded(folder: Path): ShardedRun = throw UnsupportedOperationException("sharded")

    override fun merge(script: EvaluatedScript, folders: List<Path>, progress: RunProgress): Path =
        throw UnsupportedOperationException("merge")

    override fun report(bundle: Path): Path = bundle.resolve("report.html")

    override fun compare(bundles: List<Path>, page: Path): Path = page.also { compared = bundles }

    override fun changed(bundle: Path): List<String> = emptyList()

    override fun scriptOf(bundle: Path): BundleScript? = null

    override fun verify(
        bundle: Path,
        script: EvaluatedScript?,
        options: RunOptions,
        progress: RunProgress,
    ): Verification = verification

    private fun remember(script: EvaluatedScript, options: RunOptions) {
        failure?.let { throw it }
        this.script = script
        this.options = options
    }
}
