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
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes

/**
 * What a run has finished, as files in [folder]: one folder per run, removed when its bundle is written. A part appears
 * whole or not at all, begins with the SHA-256 of its name and content, and counts only if that holds. A journal that
 * cannot be written, or is damaged, costs a repetition, never the run.
 *
 * @property say takes a line for each damaged part
 */
internal class RunJournal private constructor(
    private val folder: Path,
    private val say: (String) -> Unit,
) : Journal {
    /** How many parts an earlier run left. */
    var found: Int = 0
        private set

    override fun read(part: String): ByteArray? =
        file(part).takeIf { it.isRegularFile() }?.let { file ->
            try {
                intact(part, file.readBytes())?.also { found++ } ?: damaged(file)
            } catch (_: IOException) {
                null
            }
        }

    private fun intact(
        part: String,
        stored: ByteArray,
    ): ByteArray? {
        if (stored.size < HASH) return null
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
        try {
            folder.createDirectories()
            val partial = Files.createTempFile(folder, "part-", ".partial")
            try {
                partial.writeBytes(hash(part, bytes) + bytes)
                Files.move(partial, file(part), ATOMIC_MOVE, REPLACE_EXISTING)
            } finally {
                partial.deleteIfExists()
            }
        } catch (_: IOException) {
            // Then this part is computed again should the run be interrupted.
        }
    }

    /** The run is over: nothing is left to resume. */
    fun discard() {
        WholeFiles.deleteTree(folder)
    }

    private fun file(part: String): Path {
        val name = BundleFiles.sha256(part.encodeToByteArray()).take(NAME)
        return folder.resolve("$name.part")
    }

    internal companion object {
        private const val NAME = 24
        private const val HASH = 32

        /** The journal of the run that all of [identity] names: another spec, model or setting is another run. */
        fun of(
            cache: Path,
            identity: List<String>,
            say: (String) -> Unit = {},
        ): RunJournal {
            val key = BundleFiles.sha256(identity.joinToString("\u0000").encodeToByteArray())
            return RunJournal(cache.resolve("unfinished").resolve(key.take(NAME)), say)
        }

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
