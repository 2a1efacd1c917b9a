package dev.kausal.reports.paper

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.page.Figure
import dev.kausal.reports.page.figuresOf
import dev.kausal.reports.page.shownOf
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.tag

private const val MILLIMETRES_PER_PIXEL = 25.4 / 96

/** The figures of a bundle's page, on paper. */
internal class PaperFigures(
    bundle: Bundle,
) {
    private val shown = shownOf(bundle)
    private val photos = Photos(shown)
    private val figures = figuresOf(shown, photos)

    /** Returns a figure; [millimetres] is its width, null for its size on a screen. */
    fun named(
        name: String,
        example: String?,
        millimetres: Double?,
    ): PaperFigure {
        val figure = figures.find { "${it.number}" == name } ?: figures.find { it.name == name || it.shows(name) }
            ?: throw NoSuchFigureException("There is no figure '$name'. Figures: ${listOfFigures()}.")
        val drawing = figure.drawing
            ?: throw NoSuchFigureException("The bundle has no result for figure ${figure.number}, '${figure.name}'.")
        val content = parsed(tag("div") { drawing.content })
        val blocks = blocksOf(content, example?.let { figure.placeOf(it) } ?: 0)
        if (blocks.none { it is Block.Drawn || it is Block.Row }) {
            throw NoSuchFigureException(
                "Figure ${figure.number}, '${figure.name}', has no drawing${example?.let {
                    " of example $it"
                }.orEmpty()}: " +
                    "tables are in results.json. Figures: ${listOfFigures()}.",
            )
        }
        val width = millimetres ?: (blocks.maxOf { it.width } * MILLIMETRES_PER_PIXEL)
        return PaperFigure(Sheet(blocks, parsed(tag("div") { photos.definitions() }), width), figure.caption())
    }

    private fun Figure.placeOf(example: String): Int {
        val examples = grid?.result?.examples.orEmpty()
        val place =
            examples.indexOf(example).takeIf { it >= 0 } ?: example.toIntOrNull()?.takeIf { it in examples.indices }
        val all = examples.withIndex().joinToString { (i, of) -> "$i ($of)" }
        return place ?: throw NoSuchFigureException(
            "Figure $number, '$name', has no example '$example'. Examples: $all.",
        )
    }

    private fun listOfFigures() = figures.joinToString { "${it.number} (${it.name})" }

    private fun Figure.caption(): String = "Figure $number. $title\n$finding\n${drawing?.reading.orEmpty()}".trim()

    private fun parsed(markup: Markup) = Xml.parsed("$markup")
}
