package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.markup
import dev.kausal.spec.FigureKind

/** Draws the maps of [grid]; maps of different quantities have legends of their own. */
internal fun imageMaps(
    grid: ResultGrid,
    photos: Photos,
    prefix: String,
): Drawing {
    if (isClustered(grid)) return clusteredMaps(grid, prefix)
    if (grid.axes.first().name != SEVERAL) return ImageMaps(grid, photos, prefix).drawing()
    val drawings = severalOf(grid).mapIndexed { i, one ->
        one.label to ImageMaps(one.grid, photos, "$prefix-$i", one.compared).drawing()
    }
    val content = drawings.markup { (label, drawing) ->
        named(label.replaceFirstChar { it.uppercase() }) + drawing.content
    }
    return Drawing(content, drawings.firstOrNull()?.second?.reading.orEmpty(), HALF)
}

/** Returns findings on the maps of an example, one sentence per quantity. */
internal fun mapFindings(
    grid: ResultGrid,
    example: Int = 0,
): List<String> =
    if (grid.axes.first().name != SEVERAL) {
        listOf(ImageMaps(grid, Photos.NONE, "").finding(example))
    } else {
        grid.slices().map { (label, one) ->
            "${label.replaceFirstChar { it.uppercase() }}: ${ImageMaps(one, Photos.NONE, "").finding(example)}"
        }
    }

/** Name of an axis whose maps show different quantities. */
private const val SEVERAL = "map"

/**
 * A single map.
 *
 * @property compared other maps of its kind, which share its colour scale
 */
internal class NamedMap(
    val label: String,
    val grid: ResultGrid,
    val compared: List<ResultGrid> = emptyList(),
)

/** Returns the maps of different quantities; those of one group of the result share a scale. */
private fun severalOf(grid: ResultGrid): List<NamedMap> {
    val slices = grid.slices()
    val groups = grid.result.groups ?: slices.indices.toList()
    return slices.mapIndexed { i, (label, one) ->
        NamedMap(label, one, slices.indices.filter { it != i && groups[it] == groups[i] }.map { slices[it].second })
    }
}

/** Returns [grid], or its maps of different quantities, each with its name. */
internal fun mapsOf(grid: ResultGrid): List<NamedMap> =
    if (grid.axes.first().name == SEVERAL) {
        severalOf(grid).map { NamedMap("${grid.result.name}, ${it.label}", it.grid, it.compared) }
    } else {
        listOf(NamedMap(grid.result.name, grid))
    }

/** Returns whether a result's cells are patches of images. */
internal fun ofPatches(grid: ResultGrid): Boolean =
    grid.axes.size >= 2 && grid.axes.takeLast(2).map { it.name } == listOf("row", "column") &&
        grid.axes.dropLast(2).dropWhile { it.name == SEVERAL }.all { it.name == "layer" || it.name == "head" }

/** Maps on the patches of images. */
internal object ImageMapView : View {
    override val kind = FigureKind.ImageMap
    override val script = "patches"

    override fun fits(grid: ResultGrid) = ofPatches(grid)

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = imageMaps(grid, frame.photos, frame.prefix)
}
