package dev.kausal.experiments.export

import java.io.DataOutputStream
import java.io.OutputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream

/**
 * Writes arrays in NumPy's npz format: a zip of npy files, version 1.0 (NEP 1). Numbers are float64, absent ones NaN;
 * texts have NumPy's type of fixed-width Unicode.
 */
internal class NpzFile(
    out: OutputStream,
) : AutoCloseable {
    private val zip = ZipOutputStream(out)

    /** Writes the array [name] of this [shape], row-major. */
    fun numbers(
        name: String,
        shape: List<Int>,
        rows: Sequence<List<Double?>>,
    ): Unit =
        entry(name, "<f8", shape) { data ->
            rows.forEach { row ->
                val bytes = ByteBuffer.allocate(row.size * Double.SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                row.forEach { bytes.putDouble(it ?: Double.NaN) }
                data.write(bytes.array())
            }
        }

    /** Writes the array [name] of [texts]. */
    fun texts(name: String, texts: List<String>) {
        val points = texts.map { it.codePoints().toArray() }
        val width = maxOf(1, points.maxOfOrNull { it.size } ?: 0)
        entry(name, "<U$width", listOf(texts.size)) { data ->
            points.forEach { text ->
                val bytes = ByteBuffer.allocate(width * Int.SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                text.forEach(bytes::putInt)
                data.write(bytes.array())
            }
        }
    }

    private fun entry(
        name: String,
        type: String,
        shape: List<Int>,
        write: (DataOutputStream) -> Unit,
    ) {
        zip.putNextEntry(ZipEntry("$name.npy").also { it.time = 0 })
        val data = DataOutputStream(zip)
        val sizes = shape.joinToString(", ") + if (shape.size == 1) "," else ""
        val header = "{'descr': '$type', 'fortran_order': False, 'shape': ($sizes), }"
        val padded = header.padEnd(header.length + padding(header.length)) + "\n"
        data.write(MAGIC)
        data.writeShort(java.lang.Short.reverseBytes(padded.length.toShort()).toInt())
        data.write(padded.encodeToByteArray())
        write(data)
        data.flush()
        zip.closeEntry()
    }

    override fun close(): Unit = zip.close()

    private companion object {
        val MAGIC = byteArrayOf(0x93.toByte()) + "NUMPY".encodeToByteArray() + byteArrayOf(1, 0)

        /** Data begin at a multiple of this. */
        const val ALIGNMENT = 64

        /** Bytes before the header and its line end. */
        const val BEFORE = 11

        fun padding(header: Int): Int = Math.floorMod(-(header + BEFORE), ALIGNMENT)
    }
}
