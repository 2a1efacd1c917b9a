package dev.kausal.experiments.cli

import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.Workbench
import dev.kausal.experiments.script.ScriptHost
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.experiments.study.Studies
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isRegularFile

/**
 * State shared by the commands: the workbench, the caches and the two streams.
 *
 * @property cache Kausal's cache folder
 * @property command the arguments as typed
 * @property folder folder for new scripts
 * @property opener opens pages
 * @property onTerminal whether the error stream is a terminal, which allows a progress bar
 */
internal class Session(
    val workbench: Workbench,
    val console: Console,
    val cache: Path,
    val command: List<String>,
    val onTerminal: Boolean,
    val folder: Path = Path.of(""),
    val opener: PageOpener = PageOpener(),
) {
    val studies = Studies(cache.resolve("studies"))

    private val host by lazy { ScriptHost(cache.resolve("scripts"), console::complain) }

    /** The last script found; null before. */
    var source: ScriptSource? = null
        private set

    /** Finds, compiles and evaluates the script file or study that [target] names. */
    fun evaluate(target: String, parameters: Map<String, String>): EvaluatedScript = evaluate(find(target), parameters)

    /** Compiles and evaluates [source]. */
    fun evaluate(source: ScriptSource, parameters: Map<String, String>): EvaluatedScript {
        this.source = source
        val declaration =
            host.evaluate(
                source,
                around = { body -> workbench.evaluating(source, parameters, body) },
                accepts = workbench::isExperiment,
            )
        return EvaluatedScript(source, declaration)
    }

    /** Prepares the compiler for the next script, in the background, at the last one. */
    fun warm() {
        val source = source ?: return
        Thread({ runCatching { host.warm(source) } }, "kausal-compiler").apply { isDaemon = true }.start()
    }

    /** Finds a script; a file takes precedence over a study, whose name has neither a slash nor a suffix. */
    private fun find(target: String): ScriptSource {
        val file = Path.of(target)
        if (file.isRegularFile()) return ScriptSource.read(file)
        if (file.exists()) throw TargetException(target, "is a folder or a device, not a script file")
        if ('/' in target || target.endsWith(".kts")) throw TargetException(target, "does not exist")
        return studies.open(target)
    }
}
