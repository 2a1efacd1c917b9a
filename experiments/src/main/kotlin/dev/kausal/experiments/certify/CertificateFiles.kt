package dev.kausal.experiments.certify

import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.WholeFiles
import dev.kausal.engine.errors.KausalException
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createDirectories

/** Locations of certificates, and atomic replacement of files. */
internal object CertificateFiles {
    private const val DIGITS = 12

    /** Returns the certificate's path in the cache, named after the model and its weights. */
    fun place(cache: Path, record: CertificateRecord): Path {
        val name = record.model.replace(Regex("[^A-Za-z0-9.]+"), "-").trim('-')
        val precision = if (record.precision == "float32") "" else "-${record.precision}"
        return cache.resolve("certificates").resolve("$name-${record.weights.take(DIGITS)}$precision.json")
    }

    /** Writes [record] to [file], replacing earlier content. */
    fun write(file: Path, record: CertificateRecord): Path =
        replace(file, BundleFiles.pretty.encodeToString(CertificateRecord.serializer(), record) + "\n")

    /** Replaces [file] by [text]: readers see either the old text or the new one. */
    fun replace(file: Path, text: String): Path {
        try {
            file.toAbsolutePath().parent.createDirectories()
            return WholeFiles.replace(file, text.encodeToByteArray())
        } catch (e: IOException) {
            throw CertificateNotWritableException(file, e)
        }
    }
}

/** A certificate or table cannot be written. */
internal class CertificateNotWritableException(
    val file: Path,
    cause: IOException,
) : KausalException(Blame.MACHINE, "$file cannot be written ($cause). Free some space, or name another file.", cause) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
