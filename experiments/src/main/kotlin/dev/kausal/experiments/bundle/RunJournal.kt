package dev.kausal.experiments.bundle

import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.WholeFiles
import dev.kausal.run.context.Journal
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.security.MessageDigest
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.isRegularFile
import kotlin.io.path.writeBytes

/**
 * Finished parts of a run as files in [folder], which is removed once the run's bundle is written. A part appears
 * completely or not at all, and begins with the SHA-256 of its name and content; damaged parts are ignored. If the
 * journal of one process cannot be written, or is damaged, parts are recomputed after an interruption, but the run goes
 * on. A journal shared by shards keeps what is there.
 *
 * @property say receives a line for each damaged part
 * @property failed receives failures to write a journal that processes share; null if it is one process's
 */
internal class RunJournal private constructor(
    private val folder: Path,
    private val say: (String) -> Unit,
    private val failed: ((IOException) -> Unit)? = null,
) : Journal {
    private val own = LinkedHashMap<String, String>()

    /** Names and SHA-256 of the parts written by this process. */
    val written: Map<String, String> get() = own

    /** Number of parts left by an earlier run. */
    var found: Int = 0
        private set

    override fun read(part: String): ByteArray? = stored(part)?.also { found++ }

    private fun stored(part: String): ByteArray? =
        file(part).takeIf { it.isRegularFile() }?.let { file ->
            try {
                intact(part, Files.newInputStream(file).use { it.readNBytes(MOST + 1) })
                    ?: damaged(file)
            } catch (_: IOException) {
                null
            }
        }

    private fun intact(
        part: String,
        stored: ByteArray,
    ): ByteArray? {
        if (stored.size !in HASH..MOST) return null
        val bytes = stored.copyOfRange(HASH, stored.size)
        return bytes.takeIf { MessageDigest.isEqual(hash(part, it), stored.copyOf(HASH)) }
    }

    private fun damaged(file: Path): ByteArray? {
        file.deleteIfExists()
        say("a part of the interrupted run is damaged and is computed again ($file)")
        return null
    }

    override fun write(
        part: String,
        bytes: ByteArray,
    ) {
        if (failed != null && isThere(part, bytes)) return
        try {
            folder.createDirectories()
            val partial = Files.createTempFile(folder, "part-", ".partial")
            try {
                partial.writeBytes(hash(part, bytes) + bytes)
                Files.move(partial, file(part), ATOMIC_MOVE, REPLACE_EXISTING)
                own[part] = BundleFiles.sha256(bytes)
            } finally {
                partial.deleteIfExists()
            }
        } catch (e: IOException) {
            failed?.invoke(e)
        }
    }

    /** Returns whether another process has written [part] first, whose content then counts. */
    private fun isThere(
        part: String,
        bytes: ByteArray,
    ): Boolean {
        val first = stored(part) ?: return false
        if (!first.contentEquals(bytes)) {
            say("two processes computed $part and differ, as by rounding on other processors; the first is kept")
        }
        own[part] = BundleFiles.sha256(first)
        return true
    }

    /** Deletes the journal at the end of the run. */
    fun discard() {
        WholeFiles.deleteTree(folder)
    }

    private fun file(part: String): Path {
        val name = BundleFiles.sha256(part.encodeToByteArray()).take(NAME)
        return folder.resolve("$name$SUFFIX")
    }

    internal companion object {
        private const val NAME = 24
        private const val HASH = 32

        /** Suffix of the files of parts. */
        const val SUFFIX: String = ".part"

        /** More bytes than any part has, which are then not all read. */
        private const val MOST = 1 shl 28

        /** Returns the journal of the run identified by [identity]: another spec, model or setting is another run. */
        fun of(
            cache: Path,
            identity: List<String>,
            say: (String) -> Unit = {},
        ): RunJournal {
            val key = BundleFiles.sha256(identity.joinToString("\u0000").encodeToByteArray())
            return RunJournal(cache.resolve("unfinished").resolve(key.take(NAME)), say)
        }

        /** Returns the journal in [folder], which several processes write; [failed] receives failures to write. */
        fun shared(
            folder: Path,
            say: (String) -> Unit,
            failed: (IOException) -> Unit,
        ): RunJournal = RunJournal(folder, say, failed)

        private fun hash(
            part: String,
            bytes: ByteArray,
        ): ByteArray {
            val digest = MessageDigest.getInstance("SHA-256")
            digest.update("$part\u0000".encodeToByteArray())
            return digest.digest(bytes)
        }
    }
}
