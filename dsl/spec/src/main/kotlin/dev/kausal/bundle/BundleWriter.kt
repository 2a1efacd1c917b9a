package dev.kausal.bundle

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.time.LocalDateTime
import java.time.format.DateTimeFormatter
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeBytes

/**
 * Writes one bundle, whole or not at all.
 *
 * [open] makes a sibling folder `NAME.partial-PID` at once, so that a place that cannot be written fails before the run
 * and not after it. [write] fills it and renames it. Whatever ends the run early, an error, [close] without [write] or
 * Ctrl-C, removes the partial folder. Only `kill -9` and a power cut leave it behind, under a name that says so.
 */
public class BundleWriter private constructor(
    private val target: Path,
    private val partial: Path,
) : AutoCloseable {
    private var over = false
    private val onExit = Thread({ discard() }, "kausal-discard-bundle")

    /** Writes everything and gives the bundle its name. Returns the bundle's folder. */
    @Synchronized
    public fun write(contents: BundleContents): Path {
        check(!over) { "a bundle is written once" }
        try {
            BundleFiles.write(contents, partial)
            contents.pictures.forEach { (file, bytes) ->
                partial.resolve(file).also { it.parent.createDirectories() }.writeBytes(bytes)
            }
            Files.move(partial, target, ATOMIC_MOVE)
        } catch (e: IOException) {
            discard()
            throw BundleNotWritableException(target, e)
        }
        over = true
        return target
    }

    /** Removes what is half done; nothing after [write]. */
    override fun close() {
        discard()
        // Refused while the machine is already shutting down, when the hook is running anyway.
        runCatching { Runtime.getRuntime().removeShutdownHook(onExit) }
    }

    @Synchronized
    private fun discard() {
        if (over) return
        over = true
        partial.toFile().deleteRecursively()
    }

    public companion object {
        private val STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")

        /** Fails if [out] could not become a bundle: cheap, for before anything else is done. */
        public fun check(out: Path) {
            if (!out.exists()) return
            if (!out.isDirectory() || out.listDirectoryEntries().isNotEmpty()) throw BundleExistsException(out)
        }

        /** Reserves a place: [out], or a new folder `EXPERIMENT-TIME` in [runs] where that is null. */
        public fun open(
            out: Path?,
            experiment: String,
            runs: Path = Path.of("runs"),
            now: LocalDateTime = LocalDateTime.now(),
        ): BundleWriter {
            out?.let(::check)
            val target = (out ?: unused(runs.resolve("${fileName(experiment)}-${STAMP.format(now)}"))).toAbsolutePath()
            val normal = target.normalize()
            val partial = normal.resolveSibling("${normal.name}.partial-${ProcessHandle.current().pid()}")
            try {
                partial.createDirectories()
                // A folder on a full or read-only disk may still "exist"; only writing shows it.
                Files.delete(Files.writeString(partial.resolve("probe"), "probe"))
            } catch (e: IOException) {
                partial.toFile().deleteRecursively()
                throw BundleNotWritableException(normal, e)
            }
            return BundleWriter(normal, partial).also { Runtime.getRuntime().addShutdownHook(it.onExit) }
        }

        private fun unused(folder: Path): Path =
            generateSequence(1) { it + 1 }
                .map { if (it == 1) folder else folder.resolveSibling("${folder.name}-$it") }
                .first { !it.exists() }

        private fun fileName(experiment: String): String =
            experiment.replace(Regex("[^\\p{L}\\p{N}._-]+"), "-").trim('-', '.').ifEmpty { "experiment" }
    }
}
