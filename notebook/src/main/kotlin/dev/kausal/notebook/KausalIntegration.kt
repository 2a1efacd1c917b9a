package dev.kausal.notebook

import dev.kausal.experiments.session.ResultTable
import dev.kausal.reports.page.FramedFigure
import org.jetbrains.kotlinx.jupyter.api.libraries.JupyterIntegration

/** What the Kotlin kernel for Jupyter learns from this library: imports, how values are shown, what happens at its end. */
public class KausalIntegration : JupyterIntegration() {
    override fun Builder.onLoaded() {
        setDescription("Mechanistic-interpretability experiments")
        import("dev.kausal.dsl.*", "dev.kausal.notebook.*")
        import("dev.kausal.experiments.session.SessionOptions", "dev.kausal.experiments.RunPrecision")
        onLoaded { Kernel.host = this }
        beforeCellExecution { Kernel.host = this }
        preprocessCode { code ->
            Kernel.host = this
            Cells.begin(code, notebook.currentCell?.id)
            code
        }
        render<NotebookRun> { it.shown(Cells.current) }
        render<FramedFigure> { it.output() }
        render<ResultTable> { it.output() }
        render<NextTokens> { it.output() }
        render<PatchEffect> { it.output() }
        renderThrowable<NotebookException> { it.output() }
        onShutdown { Kernel.close() }
    }
}
