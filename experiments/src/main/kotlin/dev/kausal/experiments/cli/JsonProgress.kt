package dev.kausal.experiments.cli

import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/** Reports the beginning, progress (at most once a second) and end of each stage as JSON objects. */
internal class JsonProgress(
    private val console: Console,
    private val clock: () -> Long = System::nanoTime,
) : ShownProgress {
    private var stage = ""
    private var total: Long? = null
    private var started = 0L
    private var told = 0L
    private var done = 0L

    override fun note(line: String): Unit = console.complain(line)

    override fun begin(stage: String, total: Long?, unit: String) {
        this.stage = stage
        this.total = total
        done = 0
        started = clock()
        told = started
        console.event(
            buildJsonObject {
                put("event", "begin")
                put("stage", stage)
                total?.let { put("total", it) }
                if (unit.isNotEmpty()) put("unit", unit)
            },
        )
    }

    @Synchronized
    override fun advance(count: Long) {
        done += count
        val now = clock()
        if (now - told < SECOND) return
        told = now
        console.event(
            buildJsonObject {
                put("event", "progress")
                put("stage", stage)
                put("done", done)
                total?.let { put("total", it) }
            },
        )
    }

    override fun end(note: String): Unit =
        console.event(
            buildJsonObject {
                put("event", "end")
                put("stage", stage)
                put("seconds", (clock() - started) / NANOS)
                if (note.isNotEmpty()) put("note", note)
            },
        )

    override fun close(): Unit = Unit

    private companion object {
        const val SECOND = 1_000_000_000L
        const val NANOS = 1e9
    }
}
