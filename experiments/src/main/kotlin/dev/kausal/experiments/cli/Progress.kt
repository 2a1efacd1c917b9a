package dev.kausal.experiments.cli

import com.github.ajalt.mordant.animation.progress.ThreadProgressTaskAnimator
import com.github.ajalt.mordant.animation.progress.advance
import com.github.ajalt.mordant.animation.progress.animateOnThread
import com.github.ajalt.mordant.animation.progress.execute
import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.rendering.Size
import com.github.ajalt.mordant.rendering.Theme
import com.github.ajalt.mordant.terminal.PrintRequest
import com.github.ajalt.mordant.terminal.StandardTerminalInterface
import com.github.ajalt.mordant.terminal.Terminal
import com.github.ajalt.mordant.widgets.progress.completed
import com.github.ajalt.mordant.widgets.progress.progressBar
import com.github.ajalt.mordant.widgets.progress.progressBarLayout
import com.github.ajalt.mordant.widgets.progress.speed
import com.github.ajalt.mordant.widgets.progress.text
import com.github.ajalt.mordant.widgets.progress.timeRemaining
import dev.kausal.experiments.RunProgress
import java.util.Locale

/** A [RunProgress] that can be abandoned within a stage. */
internal interface ShownProgress :
    RunProgress,
    AutoCloseable

/** Returns a bar on a terminal, lines elsewhere. */
internal fun progressOn(session: Session): ShownProgress =
    if (session.onTerminal) BarProgress(session.console) else LineProgress(session.console)

/** Prints a line at the beginning and end of a stage, and for long ones how far it is and the time left. */
internal class LineProgress(
    private val console: Console,
    private val clock: () -> Long = System::nanoTime,
) : ShownProgress {
    private var stage = ""
    private var total: Long? = null
    private var unit = ""
    private var started = 0L
    private var told = 0L
    private var done = 0L

    override fun note(line: String): Unit = console.complain(line)

    override fun begin(stage: String, total: Long?, unit: String) {
        this.stage = stage
        this.total = total
        this.unit = unit
        done = 0
        started = clock()
        told = started
        console.complain(stage + total?.let { ": $it $unit".trimEnd() }.orEmpty())
    }

    @Synchronized
    override fun advance(count: Long) {
        done += count
        val now = clock()
        val of = total ?: return
        if (done in 1 until of && now - told >= TELL_EVERY) {
            told = now
            val left = (now - started) / NANOS_PER_SECOND / done * (of - done)
            // The first units include work for all of them, such as base runs.
            val estimate = if (done * TELLING_PART >= of) ", about ${span(left)} left" else ""
            console.complain("$stage: $done of $of $unit".trimEnd() + estimate)
        }
    }

    @Synchronized
    override fun more(count: Long) {
        total = total?.plus(count)
    }

    override fun end(note: String) {
        console.complain(endLine(stage, clock() - started, note))
    }

    override fun close(): Unit = Unit

    private companion object {
        const val TELL_EVERY = 10_000_000_000L

        /** The time left is estimated once one of so many parts is done. */
        const val TELLING_PART = 20
        const val MINUTE = 60
        const val SHORT = 120

        fun span(seconds: Double): String =
            if (seconds < SHORT) "${seconds.toInt() + 1} s" else "${(seconds / MINUTE).toInt() + 1} min"
    }
}

/** Shows a bar with rate and time left, replaced by a line at the end of the stage. */
internal class BarProgress(
    private val console: Console,
    private val terminal: () -> Terminal = ::errorTerminal,
) : ShownProgress {
    private var bar: ThreadProgressTaskAnimator<Unit>? = null
    private var stage = ""
    private var started = 0L

    override fun note(line: String): Unit = console.complain(line)

    override fun begin(stage: String, total: Long?, unit: String) {
        this.stage = stage
        started = System.nanoTime()
        val layout =
            progressBarLayout {
                text(Console.printable(stage))
                progressBar(width = BAR_WIDTH)
                completed(suffix = if (unit.isEmpty()) "" else " $unit")
                speed("/s")
                timeRemaining()
            }
        // A separate terminal: at Ctrl-C, Mordant restores the cursor only for a terminal's first bar.
        bar = layout.animateOnThread(terminal(), total = total).also { it.execute() }
    }

    override fun advance(count: Long) {
        bar?.advance(count)
    }

    override fun more(count: Long) {
        bar?.update { total = total?.plus(count) }
    }

    override fun end(note: String) {
        close()
        console.complain(endLine(stage, System.nanoTime() - started, note))
    }

    override fun close() {
        bar?.clear()
        bar = null
    }

    private companion object {
        const val BAR_WIDTH = 18
        const val DEFAULT_WIDTH = 80
        const val DEFAULT_HEIGHT = 24

        /** Returns a terminal on the error stream: Mordant draws on standard output, where results go. */
        fun errorTerminal(): Terminal {
            val onError =
                object : StandardTerminalInterface() {
                    override fun stdoutInteractive(): Boolean = true

                    override fun getTerminalSize(): Size = Size(DEFAULT_WIDTH, DEFAULT_HEIGHT)

                    override fun completePrintRequest(request: PrintRequest) {
                        System.err.print(request.text + if (request.trailingLinebreak) "\n" else "")
                        System.err.flush()
                    }
                }
            val theme = if (System.getenv("NO_COLOR").isNullOrEmpty()) Theme.Default else Theme.Plain
            return Terminal(AnsiLevel.ANSI16, theme = theme, interactive = true, terminalInterface = onError)
        }
    }
}

private const val NANOS_PER_SECOND = 1e9

private fun endLine(stage: String, nanos: Long, note: String): String {
    val seconds = String.format(Locale.ROOT, "%.1f s", nanos / NANOS_PER_SECOND)
    return "$stage: done in $seconds" + if (note.isEmpty()) "" else ", $note"
}
