package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.ColourScale
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Plate
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.orNone
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.tag
import dev.kausal.reports.words.count
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.ValueRange
import java.util.Locale
import kotlin.math.abs

private const val OPEN_EXAMPLES = 3
private const val MOST_EXAMPLES = 12
private const val MOST_HEADS_OPEN = 72
private const val SMOOTH = 8
private const val STRONGEST = "#fff"
private const val ASKING = "#5ad1ff"

/**
 * Values on the patch grid of images: axes that end in row and column, preceded by layer, head, both or none.
 *
 * @param compared other maps without layers and heads, which share the colour scale
 */
internal class ImageMaps(
    val grid: ResultGrid,
    private val photos: Photos,
    private val prefix: String,
    compared: List<ResultGrid> = emptyList(),
) {
    private val rows = grid.sizes[grid.sizes.size - 2]
    private val columns = grid.sizes.last()
    private val leading = grid.axes.dropLast(2)
    private val layers = leading.indexOfFirst { it.name == "layer" }
    private val heads = leading.indexOfFirst { it.name == "head" }
    private val asking = (grid.analysis as? AttentionMapsSpec)?.from as? PlaceSpec.Patch
    private val changes = grid.ofEditedRuns
    private val shown = grid.result.perExample.indices.take(MOST_EXAMPLES)
    private val means =
        ColourScale.of(values { e -> layerLabels().indices.map { mean(e, it) } } + others(compared), changes, range())
    private val single = ColourScale.of(values { e -> places().map { plate(e, it) } }, changes, range())

    /**
     * Returns the possible values of the maps. A change from an unedited value above the minimum may have either sign.
     */
    private fun range(): ValueRange = grid.measure.range.takeIf { !changes || grid.centre <= it.low } ?: ValueRange.ANY

    private fun others(grids: List<ResultGrid>): List<Double> =
        grids.flatMap { it.result.perExample.take(MOST_EXAMPLES).flatten().filterNotNull() }

    /** The layer drawn large: of attention the last one, of a sweep the one with the largest effect. */
    private val focus: Int =
        layerLabels().indices.takeIf { changes }?.maxByOrNull { layer -> shown.maxOfOrNull { most(it, layer) } ?: 0.0 }
            ?: layerLabels().lastIndex

    private fun most(
        example: Int,
        layer: Int,
    ): Double = mean(example, layer).values.filterNotNull().maxOfOrNull { abs(it) } ?: 0.0

    private fun values(plates: (Int) -> List<Plate>): List<Double> =
        shown.flatMap { e -> plates(e).flatMap { it.values } }.filterNotNull()

    private fun layerLabels(): List<String> = if (layers < 0) listOf("") else leading[layers].labels

    /** Returns every combination of the leading axes. */
    private fun places(): List<List<Int>> =
        leading.fold(listOf(emptyList())) { all, axis ->
            all.flatMap { place -> axis.labels.indices.map { place + it } }
        }

    /** Returns the map at a place of the leading axes; of a sweep, the changes. */
    private fun plate(
        example: Int,
        place: List<Int>,
    ): Plate {
        val start = grid.index(place + listOf(0, 0))
        val row = grid.result.perExample[example]
        val from = if (changes && !grid.isRecovery) grid.result.baseline[grid.run]?.getOrNull(example) ?: 0.0 else 0.0
        return plate { i -> row.getOrNull(start + i)?.takeIf { it.isFinite() }?.minus(from) }
    }

    /** Returns the mean over all leading axes except the layer, which is among the result's. */
    private fun mean(
        example: Int,
        layer: Int,
    ): Plate {
        val all = places().filter { layers < 0 || it[layers] == layer }.map { plate(example, it) }
        return plate { i -> all.mapNotNull { it.values[i] }.takeIf { it.isNotEmpty() }?.average() }
    }

    private fun plate(value: (Int) -> Double?): Plate = Plate(rows, columns, List(rows * columns, value))

    private fun photo(example: Int): Photo? = photos.of(grid.prompt(example))

    private fun name(layer: Int): String = if (layers < 0) "Map" else "Layer ${layerLabels()[layer]}"

    private val overHeads = if (heads >= 0 && grid.sizes[heads] > 1) ", mean over heads" else ""

    fun drawing(): Drawing {
        val open = shown.take(OPEN_EXAMPLES).markup { example(it, full = true) }
        val others = shown.drop(OPEN_EXAMPLES)
        val more = if (others.isEmpty()) {
            Markup.NONE
        } else {
            folded(count(others.size, "more image")) { others.markup { example(it, full = false) } }
        }
        val left = grid.result.perExample.size - shown.size
        val rest = if (left > 0) line("${count(left, "more image")} in ${grid.file}.") else Markup.NONE
        return Drawing(means.legend(what() + overHeads, "$prefix-means") + open + more + rest, reading(), HALF)
    }

    private fun what(): String {
        val words = metricWords(grid.measure)
        return if (changes && !grid.isRecovery) "change of $words" else words
    }

    private fun example(
        example: Int,
        full: Boolean,
    ): Markup {
        val label = grid.prompt(example)?.let { line(grid.inputName(example)) }.orNone()
        val strip = if (layerLabels().size > 1 && full) progression(example) else Markup.NONE
        val every = if (overHeads.isNotEmpty() && full) everyHead(example) else Markup.NONE
        return ofExample(example) { label + triptych(example, focus) + strip + every }
    }

    /** Draws the photo, the map, and the map over the photo. */
    private fun triptych(
        example: Int,
        layer: Int,
    ): Markup {
        val plate = mean(example, layer)
        val photo = photo(example)
        val title = name(layer) + overHeads
        val panels = listOfNotNull(
            photo?.let { panel(it.picture("${grid.inputName(example)} as the model reads it"), pictured(example)) },
            panel(map(plate, means, "$title. ${peak(plate)}"), title),
            photo?.let { panel(overlay(it, plate, means, "$title, over the image. ${peak(plate)}"), "Over the image") },
        )
        return block("panels") { Markup.joined(panels) }
    }

    /** Returns which image the panels of [example] show. */
    private fun pictured(example: Int): String = when (grid.run) {
        "clean" -> "The image"
        "corrupted" -> "The corrupted image, ${grid.prompt(example)?.text}"
        else -> "The image, before the noise"
    }

    private fun progression(example: Int): Markup {
        val photo = photo(example)
        val panels = layerLabels().indices.markup { layer ->
            val plate = mean(example, layer)
            val alternative = "${name(layer)}$overHeads. ${peak(plate)}"
            panel(photo?.let { overlay(it, plate, means, alternative) } ?: map(plate, means, alternative), name(layer))
        }
        return line("All layers, same colours") + block("panels small") { panels }
    }

    private fun everyHead(example: Int): Markup {
        val count = layerLabels().size * grid.sizes[heads]
        val blocks = layerLabels().indices.map { headRow(example, it) }
        val open = if (count <= MOST_HEADS_OPEN) blocks else blocks.takeLast(1)
        val earlier = if (count <= MOST_HEADS_OPEN) emptyList() else blocks.dropLast(1)
        val more = if (earlier.isEmpty()) {
            Markup.NONE
        } else {
            folded(count(earlier.size, "earlier layer")) { Markup.joined(earlier) }
        }
        val legend = single.legend("${what()}, single heads", "$prefix-heads-$example")
        return line("Every head") + legend + Markup.joined(open) + more
    }

    private fun headRow(
        example: Int,
        layer: Int,
    ): Markup {
        val panels = places().filter { layers < 0 || it[layers] == layer }.markup { place ->
            val plate = plate(example, place)
            val head = "head ${leading[heads].labels[place[heads]]}"
            panel(map(plate, single, "${name(layer)}, $head. ${peak(plate)}"), head)
        }
        return line(name(layer)) + block("panels heads") { panels }
    }

    /** Draws each patch as a square of one colour. */
    private fun map(
        plate: Plate,
        scale: ColourScale,
        alternative: String,
    ): Markup = svg(columns, rows, alternative, *asked(plate, scale)) { plate.squares(scale) }

    /** Draws a bilinear map over the photo in grey, with a frame around the strongest patch. */
    private fun overlay(
        photo: Photo,
        plate: Plate,
        scale: ColourScale,
        alternative: String,
    ): Markup {
        val asker = asking?.let { frame(photo, it.row * columns + it.column, ASKING) }.orNone()
        val frame = asker + plate.strongest?.let { frame(photo, it, STRONGEST) }.orNone()
        val size =
            listOf<Attribute>("width" to photo.columns, "height" to photo.rows, "preserveAspectRatio" to "none")
        return svg(photo.columns, photo.rows, alternative, *asked(plate, scale)) {
            tag("use", "href" to "#${photo.id}", "filter" to "grayscale(1)") +
                tag("g", "class" to "over") { plate.smooth(SMOOTH).images(scale, size, over = true) } + frame
        }
    }

    /** Adds to [root] the values of a mean's map, for the page to show under the pointer. */
    private fun asked(
        plate: Plate,
        scale: ColourScale,
    ): Array<Attribute> {
        if (scale !== means) return emptyArray()
        val values = plate.values.joinToString(",") { if (it == null) "" else "%.4g".format(Locale.ROOT, it) }
        return arrayOf("data-columns" to columns, "data-values" to values)
    }

    private fun frame(
        photo: Photo,
        patch: Int,
        colour: String,
    ): Markup {
        val (width, height) = photo.columns.toDouble() / columns to photo.rows.toDouble() / rows
        val box =
            arrayOf<Attribute>(
                "x" to number(patch % columns * width, 2),
                "y" to number(patch / columns * height, 2),
                "width" to number(width, 2),
                "height" to number(height, 2),
                "fill" to "none",
                "vector-effect" to "non-scaling-stroke",
            )
        return tag("rect", *box, "stroke" to "#000", "stroke-width" to 4) +
            tag("rect", *box, "stroke" to colour, "stroke-width" to 2)
    }

    private fun peak(plate: Plate): String {
        val at = plate.strongest ?: return "Nothing was computed."
        return "Strongest at row ${at / columns}, column ${at % columns}: ${number(plate.values[at])}."
    }

    /** Draws one image's maps, with their legend. */
    fun alone(example: Int): Markup =
        means.legend(what() + overHeads, "$prefix-means") + block("example") { triptych(example, focus) }

    /** Returns a sentence on the strongest patch of an example's map, with the example's name if [named]. */
    fun finding(
        example: Int = 0,
        named: Boolean = true,
    ): String {
        if (example >= grid.result.perExample.size) return "No map was computed."
        val plate = mean(example, focus)
        val at = plate.strongest ?: return "No map was computed."
        val where = "row ${at / columns}, column ${at % columns}"
        val image = if (!named || grid.prompt(example) == null) null else grid.inputName(example)
        val map = if (layers < 0 && heads < 0) null else name(focus) + overHeads
        val named = if (image == null) map else map?.replaceFirstChar { it.lowercase() }
        val title = listOfNotNull(image, named).joinToString()
        val all = plate.values.filterNotNull()
        val part = if (means.changes || all.sum() <= 0) {
            "${what()} ${signed(plate.values[at]!!)}"
        } else {
            val has = number(100 * plate.values[at]!! / all.sum(), 1)
            "$has % of the map (uniform: ${number(100.0 / all.size, 1)} %)"
        }
        val most = "strongest patch at $where: $part."
        return if (title.isEmpty()) most.replaceFirstChar { it.uppercase() } else "$title: $most"
    }

    private fun reading(): String {
        val colours = when {
            means.diverging -> "Orange is above 0, blue below."
            means.changes -> "The deeper the orange, the further above 0."
            else -> "Lighter is more, from 0."
        }
        val over = if (shown.any { photo(it) != null }) {
            " Overlays interpolate between patch centres; a frame marks the strongest patch" +
                if (asking == null) "." else ", a blue one the query patch."
        } else {
            ""
        }
        val gaps = if (grid.result.perExample.any { null in it }) " Squares without a colour were not computed." else ""
        return "One square per patch, rows and columns from 0 at the upper left. $colours " +
            "Maps under one legend share its colours.$over$gaps"
    }
}
