package dev.kausal.bundle

import dev.kausal.spec.DirectionRecord
import dev.kausal.spec.NumberType
import dev.kausal.spec.Result
import dev.kausal.spec.StoredArray
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Files
import java.nio.file.Path

/** Files of fitted directions: `directions/NAME.safetensors` in a bundle, one for each result that has any. */
internal object DirectionFile {
    const val FOLDER: String = "directions"
    private val FILE = Regex("$FOLDER/[\\p{L}\\p{N}_][\\p{L}\\p{N}._-]*\\.safetensors")

    /**
     * Writes [vectors], one or several of equal length by name, to [file] in the bundle [folder] and returns the file's SHA-256.
     *
     * @param notes texts of the file's `__metadata__`
     * @throws BundleNotWritableException if the file cannot be written
     */
    fun write(
        folder: Path,
        file: String,
        vectors: Map<String, List<FloatArray>>,
        notes: Map<String, String>,
    ): String {
        val arrays = vectors.map { (name, rows) ->
            val width = rows.first().size
            StoredArray(name, if (rows.size == 1) listOf(width) else listOf(rows.size, width))
        }
        val header = ArrayLayout(NumberType.F32, arrays, notes).header
        val all = vectors.values.flatten()
        val bytes = ByteBuffer.allocate(header.size + all.sumOf { it.size } * Float.SIZE_BYTES)
        bytes.order(ByteOrder.LITTLE_ENDIAN).put(header)
        all.forEach { values -> values.forEach(bytes::putFloat) }
        try {
            Files.createDirectories(folder.resolve(FOLDER))
            WholeFiles.create(folder.resolve(file)).use { it.write(bytes.array()) }
        } catch (e: IOException) {
            throw BundleNotWritableException(folder.resolve(file), e)
        }
        return BundleFiles.sha256(bytes.array())
    }

    /**
     * Checks the file of fitted directions of [result] in the bundle [folder].
     *
     * @throws BundleUnreadableException if the file is not the run's
     */
    fun check(
        folder: Path,
        result: Result,
    ) {
        val record: DirectionRecord = result.directions ?: return
        if (!FILE.matches(record.file)) {
            throw BundleUnreadableException(
                "results.json in $folder names the directions '${record.file}', which Kausal does not write.",
            )
        }
        if (BundleFolder(folder).sha256(record.file) != record.sha256) {
            throw BundleUnreadableException(
                "${folder.resolve(record.file)} was changed after the run: its SHA-256 differs from the one in " +
                    "results.json. Run the script again, or copy the bundle again from its source.",
            )
        }
    }
}
