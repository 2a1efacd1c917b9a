package dev.kausal.bundle

import java.io.Closeable
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream.nullOutputStream
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.InvalidPathException
import java.nio.file.LinkOption
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.StandardOpenOption.READ
import java.security.DigestOutputStream
import java.security.MessageDigest
import java.util.HexFormat

/** Largest script or picture in bytes. */
private const val MOST = 1 shl 26

/**
 * Reads the files of an untrusted bundle: symbolic links below [path] are not followed, and names must not lead out of
 * it, so that none of the reader's own files becomes part of the bundle.
 *
 * @property path the bundle's folder; it may be a link itself, as the reader named it
 */
public class BundleFolder(
    public val path: Path,
) {
    /**
     * Returns whether the bundle has the regular file [name]; a link is not one.
     *
     * @throws BundleUnreadableException if [name] leads out of the bundle or through a link
     */
    public fun has(name: String): Boolean = Files.isRegularFile(file(name), NOFOLLOW_LINKS)

    /**
     * Opens the file [name].
     *
     * @throws BundleUnreadableException if it is missing, a link, or not a regular file
     */
    public fun open(name: String): InputStream = Files.newInputStream(regular(name), NOFOLLOW_LINKS)

    /**
     * Returns the content of the file [name], such as a script or a picture, of up to 64 MiB.
     *
     * @throws BundleUnreadableException as [open] does, or if the file is larger
     */
    public fun bytes(name: String): ByteArray = reading(name, Files::newInputStream) { whole(name, it) }

    /** Returns the text of the file [name]; throws as [bytes] does, or if it is not UTF-8. */
    public fun text(name: String): String =
        reading(name, Files::newInputStream) { whole(name, it).decodeToString(throwOnInvalidSequence = true) }

    private fun whole(
        name: String,
        stream: InputStream,
    ): ByteArray {
        val bytes = stream.readNBytes(MOST + 1)
        if (bytes.size <= MOST) return bytes
        throw BundleUnreadableException(
            "${path.resolve(name)} is larger than ${MOST shr 20} MiB, which no script and no picture of a bundle is.",
        )
    }

    /** Applies [read] to the file [name], opened for random access; throws as [open] does. */
    internal fun <T> channel(
        name: String,
        read: (FileChannel) -> T,
    ): T = reading(name, { file, links -> FileChannel.open(file, READ, links) }, read)

    /** Returns the SHA-256 of the file [name] in hexadecimal digits; throws as [open] does. */
    public fun sha256(name: String): String {
        val digest = MessageDigest.getInstance("SHA-256")
        reading(name, Files::newInputStream) { it.transferTo(DigestOutputStream(nullOutputStream(), digest)) }
        return HexFormat.of().formatHex(digest.digest())
    }

    private fun <S : Closeable, T> reading(
        name: String,
        open: (Path, LinkOption) -> S,
        read: (S) -> T,
    ): T {
        val file = regular(name)
        return try {
            open(file, NOFOLLOW_LINKS).use(read)
        } catch (e: IOException) {
            throw BundleUnreadableException("$file cannot be read: ${e.message}", e)
        }
    }

    /** Returns the place of [name], which is a regular file. */
    private fun regular(name: String): Path {
        val file = file(name)
        if (!Files.exists(file, NOFOLLOW_LINKS)) throw BundleUnreadableException("The bundle $path has no $name.")
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) throw notRegular(file)
        return file
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
        folders.firstOrNull { Files.isSymbolicLink(it) }?.let { throw notRegular(it) }
        return path.resolve(relative)
    }

    private fun notRegular(file: Path) =
        BundleUnreadableException(
            "$file is a symbolic link or not a regular file. A bundle holds its own files; links in it are not followed.",
        )
}
