package dev.kausal.reports.paper

import com.github.weisj.jsvg.attributes.ViewBox
import com.github.weisj.jsvg.parser.LoaderContext
import com.github.weisj.jsvg.parser.SVGLoader
import de.rototor.pdfbox.graphics2d.PdfBoxGraphics2D
import dev.kausal.bundle.Bundle
import org.apache.pdfbox.pdmodel.PDDocument
import org.apache.pdfbox.pdmodel.PDPage
import org.apache.pdfbox.pdmodel.PDPageContentStream
import org.apache.pdfbox.pdmodel.common.PDRectangle
import org.apache.pdfbox.util.Matrix
import java.awt.Component
import java.io.ByteArrayOutputStream

/** Width of a column of a paper in two columns, and of its page, in millimetres. */
public const val COLUMN: Double = 84.0

private const val POINTS_PER_MILLIMETRE = 72 / 25.4

/**
 * A figure of a report by itself, for a paper: in light colours, with its text as outlines, so that it needs no font.
 *
 * @property caption title, finding and how to read it
 */
public class PaperFigure internal constructor(
    private val sheet: Sheet,
    public val caption: String,
) {
    /** Returns the figure as SVG. */
    public fun svg(): String = sheet.svg()

    /** Returns the figure as a PDF of one page of its size. */
    public fun pdf(): ByteArray {
        val drawing = SVGLoader().load(svg().byteInputStream(), null, LoaderContext.createDefault())
        checkNotNull(drawing) { "The figure's own SVG cannot be read." }
        val (width, height) = sheet.width.toFloat() to sheet.height.toFloat()
        val scale = (sheet.millimetres * POINTS_PER_MILLIMETRE / sheet.width).toFloat()
        PDDocument().use { document ->
            val page = PDPage(PDRectangle(width * scale, height * scale))
            document.addPage(page)
            val graphics = PdfBoxGraphics2D(document, width, height)
            drawing.render(null as Component?, graphics, ViewBox(width, height))
            graphics.dispose()
            PDPageContentStream(document, page).use { content ->
                content.transform(Matrix.getScaleInstance(scale, scale))
                content.drawForm(graphics.xFormObject)
            }
            document.documentInformation.title = caption.lineSequence().first()
            document.documentInformation.subject = caption
            document.documentId = 0L
            return ByteArrayOutputStream().also { document.save(it) }.toByteArray()
        }
    }

    public companion object {
        /**
         * Returns the figure [name] of [bundle]: a figure's number, or the name or title of a result.
         *
         * @param example label or place, from 0, of the example to draw if each has its own drawing; null for the first
         * @param millimetres width on paper
         * @throws NoSuchFigureException if there is none of this name, or it is not a drawing
         */
        public fun of(
            bundle: Bundle,
            name: String,
            example: String? = null,
            millimetres: Double = COLUMN,
        ): PaperFigure = PaperFigures(bundle).named(name, example, millimetres)
    }
}

/** There is no drawing of this name; the message lists those that there are. */
public class NoSuchFigureException(
    message: String,
) : RuntimeException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
