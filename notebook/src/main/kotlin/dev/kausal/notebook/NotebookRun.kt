package dev.kausal.notebook

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleException
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.session.ExperimentSession
import dev.kausal.experiments.session.FinishedRun
import dev.kausal.experiments.session.ResultTable
import dev.kausal.experiments.session.SessionOptions
import dev.kausal.reports.page.FramedFigure
import dev.kausal.spec.Result
import java.nio.file.Path

/**
 * Runs the experiment, shows its progress and then its figures, and writes its bundle. The model stays open for later
 * cells.
 *
 * @param out the bundle's folder, new or empty; null for a new one in `runs/`
 * @param figures whether to show the figures; they are also in the returned run
 */
public fun ExperimentDeclaration.run(
    out: String? = null,
    figures: Boolean = true,
): NotebookRun {
    val progress = CellProgress(name)
    val finished = told(this) { Kernel.await(progress) { it.run(this, out?.let(Path::of), progress) } }
    val run = NotebookRun(finished, Cells.current)
    val count = if (run.names.size == 1) "1 result" else "${run.names.size} results"
    progress.finish("$count in ${shown(finished.folder)}")
    if (figures) run.figures.forEach { Kernel.host?.display(it.output(), null) }
    return run
}

/** Returns [folder] relative to the notebook's own, if it is in there. */
private fun shown(folder: Path): Path {
    val own = Path.of("").toAbsolutePath()
    return if (folder.startsWith(own)) own.relativize(folder) else folder
}

/** Closes the models of earlier cells; later runs compute according to [options]. */
public fun compute(options: SessionOptions): Unit = Kernel.use(options)

/** Number of times that a cell had to open a model. */
public val modelsOpened: Int get() = Kernel.opened

/** Returns what [work] returns; failures that say what to do are shown without a stack trace. */
internal fun <T> told(experiment: ExperimentDeclaration?, work: () -> T): T =
    try {
        work()
    } catch (e: KausalException) {
        throw NotebookException(experiment?.let { ExperimentSession.message(e, it) } ?: e.message.orEmpty(), e)
    } catch (e: BundleException) {
        throw NotebookException(e.message.orEmpty(), e)
    }

/**
 * A run that has ended. As a cell's value, it shows its figures.
 *
 * @property folder the folder of its bundle, with the report and all numbers
 */
public class NotebookRun internal constructor(
    private val finished: FinishedRun,
    private val cell: Int,
) {
    public val folder: Path get() = finished.folder

    /** Everything in the bundle. */
    public val bundle: Bundle get() = finished.bundle

    /** Names of the results. */
    public val names: List<String> get() = finished.names

    /** The figures of the report, in its order. */
    public val figures: List<FramedFigure> by lazy { FramedFigure.of(finished.bundle) }

    /** Returns the result called [name]. */
    public operator fun get(name: String): Result = told(null) { finished[name] }

    /** Returns the numbers of result [name] over all examples: a row for each cell of its grid. */
    public fun cells(name: String): ResultTable = told(null) { finished.cells(name) }

    /** Returns the numbers of result [name] by example: a row for each example and cell. */
    public fun examples(name: String): ResultTable = told(null) { finished.examples(name) }

    /** Returns what a cell shows whose value is this run; the cell that ran it has shown the figures. */
    internal fun shown(cell: Int): Any =
        if (cell == this.cell) Outputs.text("$this") else figures.map { it.output() }.let(Outputs::joined)

    override fun toString(): String = "${bundle.spec.name}: ${names.joinToString()} ($folder)"
}

/** A failure that its message explains; it has no stack trace. */
public class NotebookException internal constructor(
    message: String,
    cause: Throwable,
) : RuntimeException(message, cause, false, false) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
