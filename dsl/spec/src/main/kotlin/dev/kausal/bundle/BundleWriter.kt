package dev.kausal.bundle

import dev.kausal.spec.EnvironmentRecord
import kotlinx.serialization.SerializationException
import java.io.IOException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.time.LocalDateTime
import java.time.format.DateTimeFormatter
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.isSymbolicLink
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** How a complete bundle comes to its place. */
private enum class Publishing { NEW, BESIDE, OVER }

/**
 * Writes one bundle, completely or not at all.
 *
 * [open] creates a sibling folder `NAME.partial-RANDOM` immediately, so that an unwritable place fails before the run
 * rather than after it. [write] fills it and renames it. If the run ends early, by an error, [close] without [write] or
 * Ctrl-C, the partial folder is removed. `kill -9` and a power cut leave it to the next run in the same place.
 *
 * @property removed leftovers of killed runs in the same place
 */
public class BundleWriter private constructor(
    private val target: Path,
    private val partial: PartialFolder,
    public val removed: List<Path>,
    private val publishing: Publishing = Publishing.NEW,
) : AutoCloseable {
    private var over = false

    /** Names of the files and folders of the bundle that is replaced. */
    private val own: Set<String> by lazy {
        val environment = BundleFolder(target).text(BundleFiles.ENVIRONMENT)
        val listed = BundleFiles.compact.decodeFromString(EnvironmentRecord.serializer(), environment).sha256.keys
        listed.mapTo(mutableSetOf(BundleFiles.ENVIRONMENT, BundleFiles.REPORT)) { it.substringBefore('/') }
    }

    /** Destination of large results, which are there before [write] adds the rest. */
    public val arrays: ArrayFolder = ArrayFolder(partial.contents)
    private val onExit = Thread({ discard() }, "kausal-discard-bundle")

    /** Writes everything and renames the folder to the bundle's name. Returns the bundle's folder. */
    @Synchronized
    public fun write(contents: BundleContents): Path {
        check(!over) { "a bundle can be written only once" }
        try {
            BundleFiles.write(contents, partial.contents)
            contents.pictures.forEach { (file, bytes) ->
                val picture = partial.contents.resolve(file).also { it.parent.createDirectories() }
                WholeFiles.create(picture).use { it.write(bytes) }
            }
            when (publishing) {
                Publishing.NEW -> partial.publish(target)
                Publishing.BESIDE -> partial.publishInto(target, last = BundleFiles.ENVIRONMENT)
                Publishing.OVER -> partial.publishOver(target) { it.name !in own }
            }
        } catch (e: IOException) {
            discard()
            // Another run may have created it first.
            if (publishing == Publishing.NEW) check(target)
            throw BundleNotWritableException(target, e)
        }
        over = true
        return target
    }

    /** Removes the partial folder; does nothing after [write]. */
    override fun close() {
        discard()
        // Refused during shutdown, when the hook is already running.
        runCatching { Runtime.getRuntime().removeShutdownHook(onExit) }
    }

    @Synchronized
    private fun discard() {
        if (over) return
        over = true
        partial.discard()
    }

    public companion object {
        private val STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")

        /** Throws if [out] cannot become a bundle: a cheap check before the run. */
        public fun check(out: Path) {
            val folder = out.toAbsolutePath().normalize()
            if (!folder.exists(NOFOLLOW_LINKS)) return
            if (folder.isSymbolicLink()) throw BundleIsLinkException(folder)
            if (!folder.isDirectory() || folder.listDirectoryEntries().isNotEmpty()) throw BundleExistsException(folder)
        }

        /** Reserves [out], or a new folder `EXPERIMENT-TIME` in [runs] if it is null. */
        public fun open(
            out: Path?,
            experiment: String,
            runs: Path = Path.of("runs"),
            now: LocalDateTime = LocalDateTime.now(),
        ): BundleWriter {
            out?.let(::check)
            val name = BundleFiles.fileName(experiment, otherwise = "experiment")
            val target = out ?: unused(runs.resolve("$name-${STAMP.format(now)}"))
            val normal = target.toAbsolutePath().normalize()
            val removed = normal.parent?.let(PartialFolder::removeAbandoned).orEmpty()
            val partial = reserved(normal)
            return BundleWriter(normal, partial, removed).also { Runtime.getRuntime().addShutdownHook(it.onExit) }
        }

        /**
         * Reserves the bundle's files in [folder], which has other files and perhaps those of an earlier attempt, which are
         * replaced.
         */
        public fun into(folder: Path): BundleWriter = existing(folder, Publishing.BESIDE)

        /**
         * Reserves the place of the bundle in [folder], which stays until the new one is complete. Other files in the folder
         * are kept.
         *
         * @throws NotABundleException if [folder] is not a bundle
         */
        public fun over(folder: Path): BundleWriter {
            if (folder.isSymbolicLink()) throw BundleIsLinkException(folder)
            BundleFiles.check(folder)
            val writer = existing(folder, Publishing.OVER)
            try {
                check(writer.own.isNotEmpty())
            } catch (e: SerializationException) {
                writer.close()
                throw BundleUnreadableException(
                    "${folder.resolve(BundleFiles.ENVIRONMENT)} is damaged: ${e.message}",
                    e,
                )
            }
            return writer
        }

        private fun existing(
            folder: Path,
            publishing: Publishing,
        ): BundleWriter {
            val normal = folder.toAbsolutePath().normalize()
            val removed = normal.parent?.let(PartialFolder::removeAbandoned).orEmpty()
            val writer = BundleWriter(normal, reserved(normal), removed, publishing)
            return writer.also { Runtime.getRuntime().addShutdownHook(it.onExit) }
        }

        private fun reserved(target: Path): PartialFolder =
            try {
                PartialFolder.beside(target).also { partial ->
                    try {
                        // A folder on a full or read-only disk may "exist"; only writing to it tells.
                        Files.delete(Files.writeString(partial.contents.resolve("probe"), "probe"))
                    } catch (e: IOException) {
                        partial.discard()
                        throw e
                    }
                }
            } catch (e: IOException) {
                throw BundleNotWritableException(target, e)
            }

        private fun unused(folder: Path): Path =
            generateSequence(1) { it + 1 }
                .map { if (it == 1) folder else folder.resolveSibling("${folder.name}-$it") }
                .first { !it.exists(NOFOLLOW_LINKS) }
    }
}
