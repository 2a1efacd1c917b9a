package dev.kausal.experiments.watch

import dev.kausal.bundle.BundleFiles
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.RunProgress
import java.nio.file.Path
import kotlin.io.path.name
import kotlin.io.path.readText

/** What a watched script is told to do, and tells. */
internal interface Watcher {
    /** Compiles and evaluates the script as it is now. */
    fun evaluate(): EvaluatedScript

    /** Returns the files that the script names. */
    fun files(script: EvaluatedScript): Set<Path>

    /** Returns what the user is told of [e]. */
    fun text(e: Throwable): String

    /** Receives a run's end. */
    fun ended(run: KeptRun, seconds: Double)

    /** Receives mistakes, after which the last report stays. */
    fun failed(text: String)
}

/**
 * Runs a script whenever it, or a file that it names, is saved, until its thread is interrupted. A script that is saved while it
 * runs is run again at once.
 *
 * @property script the script's file
 */
internal class WatchLoop(
    private val script: Path,
    private val options: RunOptions,
    private val progress: RunProgress,
    private val runs: KeptRuns,
    private val server: PageServer,
    private val watcher: Watcher,
    private val watched: WatchedFiles = WatchedFiles(),
) {
    private var files: Set<Path> = setOf(script)

    fun run() {
        try {
            var before = watched.state(files)
            while (true) {
                val seen = turn(before)
                before = watched.awaitChange(files, seen)
            }
        } catch (_: InterruptedException) {
            // The watch is over.
        }
    }

    /** Runs the script once; returns the files as they were then. */
    private fun turn(before: WatchedFiles.State): WatchedFiles.State {
        val begun = System.nanoTime()
        server.running()
        // Before it is read: what is saved while it compiles is another change.
        val read = watched.state(setOf(script))
        var seen = before.with(read)
        try {
            val evaluated = watcher.evaluate()
            // A path is also a list of names, which + would add.
            files = watcher.files(evaluated).plusElement(script)
            seen = watched.state(files).with(read)
            val run = runs.run(evaluated, options, Interruptible(progress, files, seen))
            server.report(run.bundle.resolve(BundleFiles.REPORT).readText())
            watcher.ended(run, (System.nanoTime() - begun) / NANOS)
        } catch (e: InterruptedException) {
            throw e
        } catch (
            @Suppress("TooGenericExceptionCaught") e: Throwable,
        ) {
            if (!superseded(e)) {
                val text = watcher.text(e)
                server.mistakes(text)
                watcher.failed(text)
            }
        }
        return seen
    }

    private fun superseded(e: Throwable) = generateSequence(e) { it.cause }.any { it is SupersededException }

    /** Ends a run whose [files] have changed, at the next sign of progress. */
    private inner class Interruptible(
        private val progress: RunProgress,
        private val files: Set<Path>,
        private val seen: WatchedFiles.State,
    ) : RunProgress by progress {
        private var looked = System.nanoTime()
        private var within = false

        override fun begin(stage: String, total: Long?, unit: String) {
            check()
            within = true
            progress.begin(stage, total, unit)
        }

        override fun end(note: String) {
            within = false
            progress.end(note)
        }

        override fun advance(count: Long) {
            check()
            progress.advance(count)
        }

        @Synchronized
        private fun check() {
            val now = System.nanoTime()
            if (now - looked < LOOK_EVERY) return
            looked = now
            val changed = watched.state(files).changedSince(seen)
            if (changed.isEmpty()) return
            if (within) progress.end("${changed.first().name} was saved")
            throw SupersededException()
        }
    }

    private companion object {
        const val NANOS = 1e9
        const val LOOK_EVERY = 200_000_000L
    }
}

/** The run's script was saved again. */
internal class SupersededException : RuntimeException("saved again") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
