package dev.kausal.experiments.cluster

import dev.kausal.run.context.PartNumbers

/** Divides parts into tasks. */
internal object ClusterTasks {
    /** Parts of a few examples each take less time than the start of a task, so many of them are one. */
    private const val SMALL = 16

    /** Returns the names of the parts of each task, the longest tasks first. */
    fun of(parts: List<String>): List<List<String>> {
        val (small, large) = parts.partition(PartNumbers::isOfFewExamples)
        return large.map { listOf(it) } + small.chunked(SMALL)
    }
}
