package dev.kausal.bundle

import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.Channels
import java.nio.channels.FileChannel
import java.nio.file.DirectoryIteratorException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.util.concurrent.ConcurrentHashMap
import kotlin.io.path.createDirectories
import kotlin.io.path.createDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/**
 * A new sibling folder in which a bundle is written.
 *
 * Next to the [contents] is a record of the writing process, which keeps it locked. The lock ends with the process,
 * however that ends, so leftovers of earlier processes can be detected and removed.
 */
internal class PartialFolder private constructor(
    private val folder: Path,
    private val lock: FileChannel,
) {
    /** Folder that becomes the bundle. */
    val contents: Path = folder.resolve("bundle")

    /** Renames the contents to [target], which must be absent or an empty folder. */
    fun publish(target: Path) {
        Files.move(contents, target, ATOMIC_MOVE)
        discard()
    }

    /**
     * Moves each of the contents into the existing folder [target]; the file called [last], without which it is no
     * bundle, at the end.
     */
    fun publishInto(
        target: Path,
        last: String,
    ) {
        val (end, files) = contents.listDirectoryEntries().partition { it.name == last }
        (files + end).forEach { file ->
            val place = target.resolve(file.name)
            if (Files.isDirectory(place, NOFOLLOW_LINKS)) WholeFiles.deleteTree(place)
            Files.move(file, place, ATOMIC_MOVE)
        }
        discard()
    }

    /**
     * Puts the contents in the place of the bundle in [target]. Entries of [target] for which [keeps] holds stay, unless the new
     * bundle has one of that name.
     */
    fun publishOver(
        target: Path,
        keeps: (Path) -> Boolean,
    ) {
        val old = folder.resolve("replaced")
        target.listDirectoryEntries().filter(keeps).forEach { file ->
            val place = contents.resolve(file.name)
            when {
                Files.exists(place, NOFOLLOW_LINKS) -> Unit

                // A second name of the file, so that it is in the old folder too until that is gone.
                Files.isRegularFile(file, NOFOLLOW_LINKS) -> Files.createLink(place, file)

                else -> Files.move(file, place, ATOMIC_MOVE)
            }
        }
        Files.move(target, old, ATOMIC_MOVE)
        try {
            Files.move(contents, target, ATOMIC_MOVE)
        } catch (e: IOException) {
            Files.move(old, target, ATOMIC_MOVE)
            throw e
        }
        discard()
    }

    /** Removes all remaining files. */
    fun discard() {
        WholeFiles.deleteTree(folder)
        runCatching { lock.close() }
        held.remove(folder)
    }

    companion object {
        private const val OWNER = "owner"
        private const val MOST_RECORDED = 4096
        private const val ANCIENT = 3_600_000L
        private val NAME = Regex(".*\\.partial-[0-9a-f]{16}")

        /** Records locked by this process: opening a locked file again would release its lock. */
        private val held: MutableSet<Path> = ConcurrentHashMap.newKeySet()

        /**
         * Creates one next to [target].
         *
         * @throws IOException if it cannot be written
         */
        fun beside(target: Path): PartialFolder {
            target.parent?.createDirectories()
            val folder = target.resolveSibling("${target.name}.partial-${WholeFiles.unguessable()}").createDirectory()
            held.add(folder)
            try {
                val lock = FileChannel.open(folder.resolve(OWNER), CREATE_NEW, WRITE, NOFOLLOW_LINKS)
                runCatching { lock.lock() } // some file systems have no locks; then the record must suffice
                lock.write(ByteBuffer.wrap(Owner.ofThisProcess().text().encodeToByteArray()))
                return PartialFolder(folder, lock).also { it.contents.createDirectory() }
            } catch (e: IOException) {
                WholeFiles.deleteTree(folder)
                held.remove(folder)
                throw e
            }
        }

        /** Removes the folders in [parent] whose process has ended, by [delete]; returns those that are gone. */
        fun removeAbandoned(
            parent: Path,
            delete: (Path) -> Unit = WholeFiles::deleteTree,
        ): List<Path> {
            val found =
                try {
                    Files.newDirectoryStream(parent) { NAME.matches(it.name) && it !in held }.use { it.toList() }
                } catch (_: IOException) {
                    return emptyList()
                } catch (_: DirectoryIteratorException) {
                    return emptyList()
                }
            return found.filter { Files.isDirectory(it, NOFOLLOW_LINKS) && isAbandoned(it) }
                .onEach(delete)
                .filterNot { Files.exists(it, NOFOLLOW_LINKS) }
        }

        private fun isAbandoned(folder: Path): Boolean {
            val record = folder.resolve(OWNER)
            if (!Files.isRegularFile(record, NOFOLLOW_LINKS)) return isEmptySinceLong(folder)
            return try {
                FileChannel.open(record, READ, WRITE, NOFOLLOW_LINKS).use { channel ->
                    val text = Channels.newInputStream(channel).readNBytes(MOST_RECORDED).decodeToString()
                    val owner = Owner.parse(text)
                    owner != null && isUnlocked(channel) && owner.isOver()
                }
            } catch (_: IOException) {
                false
            }
        }

        /**
         * Returns whether the folder has been empty for long: a process may end between creating its folder and
         * recording itself there.
         */
        private fun isEmptySinceLong(folder: Path): Boolean =
            try {
                val old = System.currentTimeMillis() - Files.getLastModifiedTime(folder).toMillis() > ANCIENT
                old && Files.newDirectoryStream(folder).use { !it.iterator().hasNext() }
            } catch (_: IOException) {
                false
            } catch (_: DirectoryIteratorException) {
                false
            }

        private fun isUnlocked(channel: FileChannel): Boolean =
            try {
                channel.tryLock() != null
            } catch (_: IOException) {
                true
            }
    }
}
