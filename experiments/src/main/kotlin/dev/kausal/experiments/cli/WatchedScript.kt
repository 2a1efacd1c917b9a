package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.UsageError
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.watch.KeptRun
import dev.kausal.experiments.watch.PageServer
import dev.kausal.experiments.watch.WatchLoop
import dev.kausal.experiments.watch.Watcher
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.isRegularFile
import kotlin.io.path.name

/** `kausal run SCRIPT --watch`: runs a script whenever it is saved, and serves its report, until the process ends. */
internal class WatchedScript(
    private val session: Session,
    private val target: String,
    private val shown: ShownProgressOptions,
) : Watcher {
    private val console = session.console
    private var bundle: Path? = null
    private val onExit = Thread({ bundle?.let { console.complain("stopped; $it is $LAST") } }, "kausal-watch")

    /** Watches until the thread is interrupted; with [open], the page is opened. */
    fun watch(options: RunOptions, port: Int, open: Boolean) {
        parameters = options.parameters
        val script = Path.of(target)
        if (!script.isRegularFile()) throw UsageError("--watch needs a script file, not the study or folder '$target'")
        val progress = shown.on(session)
        Runtime.getRuntime().addShutdownHook(onExit)
        try {
            PageServer(port, script.name).use { server ->
                console.say("watch   ${server.address}")
                if (open) session.openPage(server.address)
                progress.use { loop(script, options, it, server) }
            }
        } finally {
            runCatching { Runtime.getRuntime().removeShutdownHook(onExit) }
        }
    }

    private fun loop(script: Path, options: RunOptions, progress: ShownProgress, server: PageServer): Unit =
        session.workbench.kept().use { WatchLoop(script, options, progress, it, server, this).run() }

    private var parameters: Map<String, String> = emptyMap()

    override fun evaluate(): EvaluatedScript = session.evaluate(target, parameters)

    override fun files(script: EvaluatedScript): Set<Path> = session.workbench.files(script)

    override fun text(e: Throwable): String = session.failure(e).text

    override fun failed(text: String) {
        console.complain(text)
        event { put("state", "mistakes") }
    }

    override fun ended(run: KeptRun, seconds: Double) {
        if (bundle == null) {
            session.told(run.bundle, open = false)
            // Its script may have come from the cache, and the compiler starts slowly.
            session.warm()
        }
        bundle = run.bundle
        val took = String.format(Locale.ROOT, "%.1f s", seconds)
        if (!shown.isQuiet && !console.isJson) {
            console.complain("report in $took: ${run.computed} of ${run.cells} cells computed, the others known")
        }
        event {
            put("state", "report")
            put("bundle", "${run.bundle}")
            put("seconds", seconds)
            put("cells", run.cells)
            put("computed", run.computed)
        }
    }

    private fun event(more: JsonObjectBuilder.() -> Unit) {
        if (!console.isJson) return
        console.event(
            buildJsonObject {
                put("event", "watch")
                more()
            },
        )
    }

    private companion object {
        const val LAST = "of the last run without mistakes"
    }
}
