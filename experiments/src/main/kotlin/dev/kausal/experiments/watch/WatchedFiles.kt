package dev.kausal.experiments.watch

import java.io.IOException
import java.nio.file.FileVisitOption
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes
import kotlin.io.path.isDirectory

/**
 * Files whose changes matter. They are looked at [every] so many milliseconds: a few file attributes cost less than 0.1 ms, and this
 * notices saving by rename, links and network drives alike.
 */
internal class WatchedFiles(
    private val every: Long = EVERY,
) {
    internal data class Stamp(
        val modified: Long,
        val size: Long,
        val key: String,
    )

    /** The files at one time; one that is missing has no stamp. */
    internal class State private constructor(
        private val stamps: Map<Path, Stamp?>,
    ) {
        /** Returns the files that differ from [earlier]. */
        fun changedSince(earlier: State): List<Path> =
            (stamps.keys + earlier.stamps.keys).filter { stamps[it] != earlier.stamps[it] }

        /** Whether all files that [earlier] had are there, and have contents if they had any. */
        fun hasAllOf(earlier: State): Boolean =
            earlier.stamps.all { (file, stamp) ->
                val now = stamps[file]
                stamp == null || (now != null && (now.size > 0 || stamp.size == 0L))
            }

        /** Returns this state, with the files of [earlier] as they were then. */
        fun with(earlier: State): State = State(stamps + earlier.stamps)

        internal companion object {
            fun of(paths: Collection<Path>): State = State(paths.flatMap(::files).associateWith(::stamp))

            private fun files(path: Path): List<Path> {
                if (!path.isDirectory()) return listOf(path)
                return try {
                    Files.walk(path, DEPTH, FileVisitOption.FOLLOW_LINKS).use { found -> found.limit(MOST).toList() }
                } catch (_: IOException) {
                    emptyList()
                }
            }

            private fun stamp(file: Path): Stamp? =
                try {
                    val found = Files.readAttributes(file, BasicFileAttributes::class.java)
                    Stamp(found.lastModifiedTime().toMillis(), found.size(), "${found.fileKey()}")
                } catch (_: IOException) {
                    null
                }
        }
    }

    /** Returns the present state of [paths]; of a folder, that of the files in it. */
    fun state(paths: Collection<Path>): State = State.of(paths)

    /**
     * Waits until [paths] differ from [earlier] and have come to rest: an editor may truncate a file and write it, or remove it and put
     * another in its place.
     */
    fun awaitChange(paths: Collection<Path>, earlier: State): State {
        var now = state(paths)
        while (now.changedSince(earlier).isEmpty()) {
            Thread.sleep(every)
            now = state(paths)
        }
        var waited = 0L
        while (true) {
            Thread.sleep(every)
            val next = state(paths)
            waited += every
            val rests = next.changedSince(now).isEmpty()
            if (rests && (next.hasAllOf(earlier) || waited >= MISSING)) return next
            now = next
        }
    }

    private companion object {
        const val EVERY = 40L

        /** Milliseconds after which a missing or empty file is taken to be meant so, rather than about to be written. */
        const val MISSING = 1_000L
        const val DEPTH = 4
        const val MOST = 5_000L
    }
}
