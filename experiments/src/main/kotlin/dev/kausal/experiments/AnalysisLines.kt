package dev.kausal.experiments

import dev.kausal.run.context.AnalysisProgress

/** Shows each analysis as a stage and records its duration. */
internal class AnalysisLines(
    private val record: RunRecorder,
    private val progress: RunProgress,
) : AnalysisProgress {
    private var name = ""
    private var started = 0L
    private var shown = 0

    override fun begin(name: String, cells: Int): Unit = begin(name, cells, "cells")

    override fun beginArrays(name: String, megabytes: Int): Unit = begin(name, megabytes, "MB")

    private fun begin(name: String, total: Int, unit: String) {
        this.name = name
        started = System.nanoTime()
        shown = 0
        progress.begin(name, total.toLong(), unit)
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
