package dev.kausal.experiments.cluster

import dev.kausal.run.context.AnalysisProgress

/** Shows nothing: parts are shown as a whole. */
internal object Silent : AnalysisProgress {
    override fun begin(name: String, cells: Int): Unit = Unit

    override fun done(done: Int): Unit = Unit

    override fun end(): Unit = Unit
}
