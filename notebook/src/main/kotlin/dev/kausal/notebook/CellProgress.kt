package dev.kausal.notebook

import dev.kausal.experiments.RunProgress
import kotlinx.html.DIV
import kotlinx.html.div
import kotlinx.html.progress
import kotlinx.html.stream.createHTML
import kotlinx.html.style
import java.util.Locale
import java.util.UUID

/**
 * The progress of a run as one output of its cell, which is replaced again and again.
 *
 * @property name what runs
 */
internal class CellProgress(
    private val name: String,
) : RunProgress {
    private val id = "kausal-${UUID.randomUUID()}"
    private val started = System.nanoTime()
    private var displayed = ""

    @Volatile
    private var stopped = false
    private val notes = mutableListOf<String>()
    private var stage = "waiting"
    private var total: Long? = null
    private var unit = ""
    private var done = 0L

    override fun note(line: String): Unit = changing { notes += line }

    override fun begin(stage: String, total: Long?, unit: String): Unit =
        changing {
            this.stage = stage
            this.total = total
            this.unit = unit
            done = 0
        }

    override fun advance(count: Long): Unit = changing { done += count }

    override fun end(note: String): Unit = changing { if (note.isNotEmpty()) notes += note }

    /** Ends the run where it next reports progress, and says so. */
    fun stop() {
        stopped = true
        val kept = "what is done is kept for the next run of the same experiment"
        put(page("$name: interrupted after ${seconds()}; $kept", null, null))
    }

    /** Removes the progress; what the run noted stays. */
    fun clear() {
        if (displayed.isNotEmpty() || synchronized(this) { notes.isNotEmpty() }) put(page("", null, null))
    }

    /** Shows how far the run is, unless it has only begun. */
    fun show() {
        if (System.nanoTime() - started < SHORT) return
        val (text, of) = synchronized(this) {
            val count = total?.let { " ($done of $it $unit".trimEnd() + ")" }.orEmpty()
            "$name: $stage$count" to total
        }
        put(page(text, done.toDouble(), of?.toDouble()))
    }

    /** Replaces the progress with [summary] and the run's notes. */
    fun finish(summary: String): Unit = put(page("$name: $summary, ${seconds()}", null, null))

    private fun seconds() = String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - started) / NANOS)

    @Synchronized
    private fun changing(change: () -> Unit) {
        if (stopped) throw RunStoppedException()
        change()
    }

    /** Shows [html] if it differs from what is there. Only the cell's own thread may do so. */
    private fun put(html: String) {
        val host = Kernel.host ?: return
        if (html == displayed) return
        if (displayed.isEmpty()) host.display(Outputs.html(html), id) else host.updateDisplay(Outputs.html(html), id)
        displayed = html
    }

    private fun page(text: String, at: Double?, of: Double?): String {
        val lines = synchronized(this) { notes.toList() }
        return createHTML(prettyPrint = false).div {
            style = Outputs.FONT
            if (text.isNotEmpty()) {
                div {
                    if (at != null && of != null && of > 0) bar(at, of)
                    +text
                }
            }
            lines.forEach { div { +it } }
        }
    }

    private fun DIV.bar(at: Double, of: Double) {
        progress {
            style = "vertical-align:middle;margin-right:.6em"
            value = "$at"
            max = "$of"
        }
    }

    private companion object {
        const val NANOS = 1e9

        /** Nanoseconds that a run may take without showing progress. */
        const val SHORT = 500_000_000L
    }
}

/** Ends a run whose cell was interrupted. */
internal class RunStoppedException : RuntimeException("the cell was interrupted") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
