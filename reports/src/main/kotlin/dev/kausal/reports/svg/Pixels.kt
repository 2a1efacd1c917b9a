package dev.kausal.reports.svg

import dev.kausal.reports.words.at
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.util.Base64
import java.util.zip.CRC32
import java.util.zip.Deflater
import java.util.zip.DeflaterOutputStream
import kotlin.math.abs
import kotlin.math.floor

private const val CHANNELS = 4
private const val TRUECOLOUR_WITH_ALPHA = 6
private const val OPAQUE = 255

/** An image of red, green, blue and opacity, row by row, to embed in a page. */
internal class Pixels(
    val rows: Int,
    val columns: Int,
) {
    private val samples = ByteArray(rows * columns * CHANNELS)

    fun set(
        row: Int,
        column: Int,
        rgb: Int,
        opacity: Double,
    ) {
        val at = (row * columns + column) * CHANNELS
        samples[at] = (rgb shr 16).toByte()
        samples[at + 1] = (rgb shr 8).toByte()
        samples[at + 2] = rgb.toByte()
        samples[at + 3] = (opacity * OPAQUE).toInt().toByte()
    }

    /** Returns a PNG file, with the same bytes for the same pixels. */
    fun png(): ByteArray {
        val lines = ByteArrayOutputStream()
        DeflaterOutputStream(lines, Deflater(Deflater.BEST_COMPRESSION)).use { out ->
            for (row in 0 until rows) {
                out.write(0)
                out.write(samples, row * columns * CHANNELS, columns * CHANNELS)
            }
        }
        val header = ByteArrayOutputStream()
        DataOutputStream(header).apply {
            writeInt(columns)
            writeInt(rows)
            write(byteArrayOf(8, TRUECOLOUR_WITH_ALPHA.toByte(), 0, 0, 0))
        }
        val file = ByteArrayOutputStream()
        DataOutputStream(file).apply {
            write(byteArrayOf(0x89.toByte(), 'P'.code.toByte(), 'N'.code.toByte(), 'G'.code.toByte(), 13, 10, 26, 10))
            chunk("IHDR", header.toByteArray())
            chunk("IDAT", lines.toByteArray())
            chunk("IEND", ByteArray(0))
        }
        return file.toByteArray()
    }

    private fun DataOutputStream.chunk(
        type: String,
        body: ByteArray,
    ) {
        val bytes = type.toByteArray(Charsets.US_ASCII) + body
        writeInt(body.size)
        write(bytes)
        writeInt(CRC32().apply { update(bytes) }.value.toInt())
    }
}

/** Returns PNG bytes as a data URL. */
internal fun dataUrl(png: ByteArray): String = "data:image/png;base64," + Base64.getEncoder().encodeToString(png)

/** Values on a grid, row by row; null if none was computed. */
internal class Plate(
    val rows: Int,
    val columns: Int,
    val values: List<Double?>,
) {
    /** Index of the value furthest from 0; null if there is none. */
    val strongest: Int? = values.indices.filter { values[it] != null }.maxByOrNull { abs(values[it]!!) }

    /**
     * Interpolates bilinearly between the centres of cells, each drawn as [times] by [times]; gaps spread to their
     * neighbours.
     */
    fun smooth(times: Int): Plate {
        val between = (0 until rows * times).flatMap { y ->
            (0 until columns * times).map { x -> at((y + 0.5) / times - 0.5, (x + 0.5) / times - 0.5) }
        }
        return Plate(rows * times, columns * times, between)
    }

    private fun at(
        y: Double,
        x: Double,
    ): Double? {
        val (top, left) = floor(y).toInt() to floor(x).toInt()
        val (down, right) = y - top to x - left
        val corners = listOf(
            (1 - down) * (1 - right) to value(top, left),
            (1 - down) * right to value(top, left + 1),
            down * (1 - right) to value(top + 1, left),
            down * right to value(top + 1, left + 1),
        )
        if (corners.any { it.second == null }) return null
        return corners.sumOf { it.first * it.second!! }
    }

    private fun value(
        row: Int,
        column: Int,
    ): Double? = values[row.coerceIn(0, rows - 1) * columns + column.coerceIn(0, columns - 1)]
}
