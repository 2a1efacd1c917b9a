package dev.kausal.experiments

import dev.kausal.run.context.AnalysisProgress

/** Shows each analysis as a stage, and remembers how long it took. */
internal class AnalysisLines(
    private val record: RunRecorder,
    private val progress: RunProgress,
) : AnalysisProgress {
    private var name = ""
    private var started = 0L
    private var shown = 0

    override fun begin(name: String, cells: Int) {
        this.name = name
        started = System.nanoTime()
        shown = 0
        progress.begin(name, cells.toLong(), "cells")
    }

    override fun done(done: Int) {
        progress.advance((done - shown).toLong())
        shown = done
    }

    override fun end() {
        record.took(name, System.nanoTime() - started)
        progress.end()
    }
}
