package dev.kausal.bundle

import java.io.IOException
import java.io.OutputStream
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.WRITE
import java.security.SecureRandom
import java.util.HexFormat
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteIfExists
import kotlin.io.path.deleteRecursively
import kotlin.io.path.name

/**
 * Writes files completely or not at all, in folders that others may write to: a new file never replaces an existing
 * one, and symbolic links are not followed.
 */
public object WholeFiles {
    private const val RANDOM_BYTES = 8
    private val random = SecureRandom()

    /**
     * Opens the new file [file].
     *
     * @throws java.nio.file.FileAlreadyExistsException if the name is taken, even by a dangling link
     */
    public fun create(file: Path): OutputStream = Files.newOutputStream(file, CREATE_NEW, WRITE, NOFOLLOW_LINKS)

    /**
     * Replaces the content of [file] by [bytes]; readers see either the old or the new content. A link is replaced, not
     * followed.
     *
     * @throws IOException if the file cannot be written; the old one is then unchanged
     */
    public fun replace(file: Path, bytes: ByteArray): Path {
        val partial = file.resolveSibling("${file.name}.partial-${unguessable()}")
        try {
            create(partial).use { it.write(bytes) }
            return Files.move(partial, file, ATOMIC_MOVE, REPLACE_EXISTING)
        } catch (e: IOException) {
            partial.deleteIfExists()
            throw e
        }
    }

    /** Removes [folder] and its contents as far as possible; links are removed, their targets are not. */
    @OptIn(ExperimentalPathApi::class)
    public fun deleteTree(folder: Path) {
        runCatching { folder.deleteRecursively() }
    }

    /** Returns unpredictable hexadecimal digits. */
    internal fun unguessable(): String = HexFormat.of().formatHex(ByteArray(RANDOM_BYTES).also(random::nextBytes))
}
