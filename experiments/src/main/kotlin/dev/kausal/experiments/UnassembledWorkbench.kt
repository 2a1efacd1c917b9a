package dev.kausal.experiments

import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.script.ScriptSource
import java.nio.file.Path

/** Stands where the real workbench goes: scripts compile and evaluate, but nothing can be run. */
internal object UnassembledWorkbench : Workbench {
    override val defaultImports: List<String> get() = emptyList()

    override fun isExperiment(value: Any): Boolean = true

    override fun evaluating(source: ScriptSource, parameters: Map<String, String>, evaluate: () -> Any): Any {
        return evaluate()
    }

    override fun models(): List<ModelLine> = throw UnassembledException()

    override fun pull(ref: String, progress: (String) -> Unit): Unit = throw UnassembledException()

    override fun explain(script: EvaluatedScript, options: RunOptions): String = throw UnassembledException()

    override fun run(script: EvaluatedScript, options: RunOptions, progress: RunProgress): Path =
        throw UnassembledException()

    override fun report(bundles: List<Path>): Path = throw UnassembledException()

    private class UnassembledException :
        KausalException(Blame.USER, "This build has the command line, but no engine behind it yet.") {
        private companion object {
            private const val serialVersionUID = 1L
        }
    }
}
