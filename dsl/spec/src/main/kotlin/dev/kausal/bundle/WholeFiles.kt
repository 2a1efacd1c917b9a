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
 * Writes files whole or not at all, in folders that others may write to: a new file never takes the place of one that
 * is already there, and no symbolic link is followed.
 */
public object WholeFiles {
    private const val RANDOM_BYTES = 8
    private val random = SecureRandom()

    /**
     * Opens the new file [file].
     *
     * @throws java.nio.file.FileAlreadyExistsException if anything has that name, a dangling link included
     */
    public fun create(file: Path): OutputStream = Files.newOutputStream(file, CREATE_NEW, WRITE, NOFOLLOW_LINKS)

    /**
     * Puts [bytes] in [file]; readers see the old bytes or the new ones. A link of that name is replaced, and not
     * written through.
     *
     * @throws IOException if the file cannot be written; the old one is then as it was
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

    /** Removes [folder] and all in it, as far as possible. Links are removed, and not what they lead to. */
    @OptIn(ExperimentalPathApi::class)
    public fun deleteTree(folder: Path) {
        runCatching { folder.deleteRecursively() }
    }

    /** Returns hexadecimal digits that nobody can foresee. */
    internal fun unguessable(): String = HexFormat.of().formatHex(ByteArray(RANDOM_BYTES).also(random::nextBytes))
}
