package dev.kausal.reports.paper

import org.apache.fontbox.ttf.TTFParser
import org.apache.fontbox.ttf.TrueTypeFont
import org.apache.pdfbox.io.RandomAccessReadBuffer
import org.apache.pdfbox.pdmodel.PDDocument
import java.awt.geom.AffineTransform
import java.awt.geom.GeneralPath
import java.awt.geom.PathIterator
import java.util.Locale

/**
 * The outlines of text in Liberation Sans, which PDFBox brings: a figure looks the same wherever it is opened, whatever
 * fonts are there.
 */
internal object Outlines {
    private const val FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf"

    private val font: TrueTypeFont by lazy {
        val stream = checkNotNull(PDDocument::class.java.getResourceAsStream(FONT)) { "$FONT is not in PDFBox's jar." }
        stream.use { TTFParser().parse(RandomAccessReadBuffer(it)) }
    }

    /** Returns whether the font has a glyph for each character of [text]. */
    fun has(text: String): Boolean = text.codePoints().allMatch { it == ' '.code || glyph(it) != 0 }

    /** Returns the width of [text] at [size], in the units of [size]. */
    fun width(
        text: String,
        size: Double,
    ): Double =
        text.codePoints().toArray().sumOf { font.getAdvanceWidth(glyph(it)).toDouble() } * size / font.unitsPerEm

    /** Returns the data of an SVG path with the outlines of [text], whose baseline begins at ([x], [y]). */
    fun path(
        text: String,
        size: Double,
        x: Double,
        y: Double,
    ): String {
        val scale = size / font.unitsPerEm
        val all = GeneralPath()
        var at = x
        for (character in text.codePoints().toArray()) {
            val glyph = glyph(character)
            val place = AffineTransform(scale, 0.0, 0.0, -scale, at, y)
            font.glyph.getGlyph(glyph)?.path?.let { all.append(place.createTransformedShape(it), false) }
            at += font.getAdvanceWidth(glyph) * scale
        }
        return data(all.getPathIterator(null))
    }

    private fun glyph(character: Int): Int = font.unicodeCmapLookup.getGlyphId(character)

    private fun data(path: PathIterator): String =
        buildString {
            val points = DoubleArray(6)
            while (!path.isDone) {
                val kind = path.currentSegment(points)
                append("MLQCZ"[kind])
                val numbers = COORDINATES[kind]
                append(points.take(numbers).joinToString(" ") { "%.2f".format(Locale.ROOT, it) })
                path.next()
            }
        }

    /** Number of coordinates of each kind of segment. */
    private val COORDINATES = intArrayOf(2, 2, 4, 6, 0)
}
