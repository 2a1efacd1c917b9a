package dev.kausal.run.backend

import java.lang.ref.SoftReference

/**
 * What one open model computed for the runs of a process, by everything that determines it. Equal questions have equal
 * keys. Answers give way if the heap fills up, and those that several runs in a row did not need are dropped.
 */
public class Remembered {
    private class Entry(
        answer: Any,
        var run: Int,
    ) {
        val answer = SoftReference(answer)
    }

    private val entries = HashMap<Any, Entry>()
    private var run = 0

    /** Number of cells of sweeps that this run found. */
    public var cellsFound: Int = 0
        private set

    /** Number of cells of sweeps that this run computed. */
    public var cellsComputed: Int = 0
        private set

    /** Number of other answers that this run found. */
    public var answersFound: Int = 0
        private set

    /** Number of other answers that this run computed. */
    public var answersComputed: Int = 0
        private set

    /** Number of answers that are kept. */
    public val size: Int get() = entries.size

    /** Begins a run: counts from 0, and drops what the last [KEPT] runs did not use. */
    public fun begin() {
        run++
        entries.values.removeIf { it.run < run - KEPT || it.answer.get() == null }
        cellsFound = 0
        cellsComputed = 0
        answersFound = 0
        answersComputed = 0
    }

    internal fun counted(found: Int, computed: Int) {
        cellsFound += found
        cellsComputed += computed
    }

    internal fun countedAnswer(found: Boolean) {
        if (found) answersFound++ else answersComputed++
    }

    /** Returns the answer to [key]; null if it is not kept. */
    internal fun find(key: Any): Any? {
        val entry = entries[key] ?: return null
        entry.run = run
        return entry.answer.get()
    }

    internal fun keep(key: Any, answer: Any) {
        entries[key] = Entry(answer, run)
    }

    /** Returns the answer to [key], or that of [compute], which is kept. */
    internal fun <T : Any> of(key: Any, compute: () -> T): T {
        // A key names the question with its type of answer.
        @Suppress("UNCHECKED_CAST")
        val known = find(key) as T?
        countedAnswer(known != null)
        return known ?: compute().also { keep(key, it) }
    }

    private companion object {
        /** Number of runs that an answer outlives its last use, so that an edit can be taken back. */
        const val KEPT = 8
    }
}
