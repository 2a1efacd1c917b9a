package dev.kausal.bundle

import java.io.IOException
import java.io.InputStream
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.InvalidPathException
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.StandardOpenOption.READ
import java.security.MessageDigest
import java.util.HexFormat

/**
 * Reads the files of an untrusted bundle: symbolic links below [path] are not followed, and names must not lead out of
 * it, so that none of the reader's own files becomes part of the bundle.
 *
 * @property path the bundle's folder; it may be a link itself, as the reader named it
 */
public class BundleFolder(
    public val path: Path,
) {
    /** Returns whether the bundle has the regular file [name]; a link does not count. */
    public fun has(name: String): Boolean = Files.isRegularFile(file(name), NOFOLLOW_LINKS)

    /**
     * Opens the file [name].
     *
     * @throws BundleUnreadableException if it is missing, a link, or not a regular file
     */
    public fun open(name: String): InputStream {
        val file = file(name)
        if (!Files.exists(file, NOFOLLOW_LINKS)) throw BundleUnreadableException("The bundle $path has no $name.")
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) throw notPlain(file)
        return Files.newInputStream(file, NOFOLLOW_LINKS)
    }

    /** Returns the content of the file [name]; throws as [open] does. */
    public fun bytes(name: String): ByteArray = reading(name) { it.readBytes() }

    /** Returns the text of the file [name]; throws as [open] does. */
    public fun text(
        name: String,
    ): String = reading(name) { it.readBytes().decodeToString(throwOnInvalidSequence = true) }

    /** Applies [read] to the file [name], opened for random access; throws as [open] does. */
    internal fun <T> channel(
        name: String,
        read: (FileChannel) -> T,
    ): T {
        open(name).close()
        return try {
            FileChannel.open(path.resolve(name), READ, NOFOLLOW_LINKS).use(read)
        } catch (e: IOException) {
            throw BundleUnreadableException("${path.resolve(name)} cannot be read: ${e.message}", e)
        }
    }

    /** Returns the SHA-256 of the file [name] in hexadecimal digits; throws as [open] does. */
    public fun sha256(name: String): String {
        val digest = MessageDigest.getInstance("SHA-256")
        reading(name) { stream ->
            val buffer = ByteArray(BUFFER)
            generateSequence { stream.read(buffer).takeIf { it >= 0 } }.forEach { digest.update(buffer, 0, it) }
        }
        return HexFormat.of().formatHex(digest.digest())
    }

    private fun <T> reading(
        name: String,
        read: (InputStream) -> T,
    ): T =
        try {
            open(name).use(read)
        } catch (e: IOException) {
            throw BundleUnreadableException("${path.resolve(name)} cannot be read: ${e.message}", e)
        }

    /** Returns the place of [name], every folder of which is the bundle's own. */
    private fun file(name: String): Path {
        val relative =
            try {
                Path.of(name)
            } catch (_: InvalidPathException) {
                throw BundleUnreadableException("The bundle $path names a file that no folder can have.")
            }
        val parts = relative.map { it.toString() }
        if (relative.isAbsolute || parts.any { it == ".." || it == "." || it.isEmpty() }) {
            throw BundleUnreadableException("The bundle $path names the file '$name', which is not a path inside it.")
        }
        val folders = parts.dropLast(1).runningFold(path, Path::resolve).drop(1)
        folders.firstOrNull { Files.isSymbolicLink(it) }?.let { throw notPlain(it) }
        return path.resolve(relative)
    }

    private fun notPlain(file: Path) =
        BundleUnreadableException(
            "$file is a symbolic link or no plain file. A bundle holds its own files; links in it are not followed.",
        )

    private companion object {
        const val BUFFER = 1 shl 16
    }
}
