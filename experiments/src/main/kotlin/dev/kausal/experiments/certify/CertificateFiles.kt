package dev.kausal.experiments.certify

import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.WholeFiles
import dev.kausal.engine.errors.KausalException
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createDirectories

/** Where certificates are kept, and how a file is replaced whole or not at all. */
internal object CertificateFiles {
    private const val DIGITS = 12

    /** The certificate's place in the cache: named after the model and the weights that it is of. */
    fun place(cache: Path, record: CertificateRecord): Path {
        val name = record.model.replace(Regex("[^A-Za-z0-9.]+"), "-").trim('-')
        return cache.resolve("certificates").resolve("$name-${record.weights.take(DIGITS)}.json")
    }

    /** Writes [record] to [file], in place of what was there. */
    fun write(file: Path, record: CertificateRecord): Path =
        replace(file, BundleFiles.pretty.encodeToString(CertificateRecord.serializer(), record) + "\n")

    /** Puts [text] in [file]: readers see the old text or the new one. */
    fun replace(file: Path, text: String): Path {
        try {
            file.toAbsolutePath().parent.createDirectories()
            return WholeFiles.replace(file, text.encodeToByteArray())
        } catch (e: IOException) {
            throw CertificateNotWritableException(file, e)
        }
    }
}

/** The place where a certificate or a table should go cannot be written. */
internal class CertificateNotWritableException(
    val file: Path,
    cause: IOException,
) : KausalException(Blame.MACHINE, "$file cannot be written ($cause). Make room, or name another file.", cause) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
