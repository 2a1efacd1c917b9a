package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.ColourScale
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Plate
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.stroke
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.FigureKind

private const val MOST_HEADS = 400
private const val LEAST_SQUARE = 3
private const val MOST_SQUARE = 22
private const val WIDTH = 520
private const val READABLE = 11
private const val FRAME = "#111"

/** Returns whether the axes of [grid] are heads ordered by cluster. */
internal fun isClustered(grid: ResultGrid): Boolean = grid.result.groups != null && grid.axes.first().name == "head"

/** Returns the clusters as ranges: the places of their first and last head. */
internal fun clusters(grid: ResultGrid): List<IntRange> {
    val groups = grid.result.groups.orEmpty()
    val starts = groups.indices.filter { it == 0 || groups[it] != groups[it - 1] }
    return starts.mapIndexed { i, start -> start until (starts.getOrNull(i + 1) ?: groups.size) }
}

/** Compares the similarity of heads within clusters and across, in a sentence. */
internal fun specialisationFinding(grid: ResultGrid): String {
    val clusters = clusters(grid)
    val heads = grid.axes.first().labels
    val largest = clusters.maxBy { it.count() }
    val sorted =
        "${count(heads.size, "head")} in ${count(clusters.size, "cluster")}; the largest has ${largest.count()}: " +
            "${few(largest.map { heads[it] })}."
    if (grid.axes.size != 2) return sorted
    val within = mutableListOf<Double>()
    val across = mutableListOf<Double>()
    for (a in heads.indices) {
        for (b in 0 until a) {
            val value = grid.mean(grid.index(listOf(a, b))) ?: continue
            (if (clusters.any { a in it && b in it }) within else across) += value
        }
    }
    val numbers =
        listOfNotNull(
            within.takeIf { it.isNotEmpty() }?.let { "${number(it.average(), 2)} within a cluster" },
            across.takeIf { it.isNotEmpty() }?.let { "${number(it.average(), 2)} across" },
        )
    return "$sorted Mean correlation of maps: ${listed(numbers)}."
}

private fun few(names: List<String>): String =
    if (names.size <= 8) listed(names) else names.take(7).joinToString() + " and ${names.size - 7} more"

/** Draws the similarity of every pair of heads, with a frame around each cluster. */
internal fun similarityFigure(
    grid: ResultGrid,
    prefix: String,
    alternative: String,
): Drawing {
    val heads = grid.sizes[0]
    if (heads > MOST_HEADS) {
        return Drawing(absent("$heads heads are too many to draw; the numbers are in results.json."), "")
    }
    val scale = ColourScale.changes(0.0, 1.0, grid.measure.range)
    val square = (WIDTH / heads).coerceIn(LEAST_SQUARE, MOST_SQUARE)
    val named = square >= READABLE
    val room = if (named) labelRoom(grid.axes[0].labels) + 8 else 4
    val side = heads * square
    val svg =
        svg(room + side + 44, room + side + 4, alternative) {
            squares(grid, scale, room, side) +
                (if (named) names(grid.axes[0], room, square) else Markup.NONE) + frames(grid, room, square)
        }
    val reading =
        "Correlation of two heads' maps, mean over images, with heads in the order of the clustering; orange is " +
            "positive, blue negative. Frames are clusters, numbered at their right." +
            if (named) "" else " The note lists the heads."
    return Drawing(scale.legend("correlation of maps", "$prefix-alike") + svg, reading, room + side + 44)
}

/** Draws one pixel per pair of heads, enlarged. */
private fun squares(
    grid: ResultGrid,
    scale: ColourScale,
    room: Int,
    side: Int,
): Markup {
    val heads = grid.sizes[0]
    val plate = Plate(heads, heads, List(grid.cells) { grid.mean(it) })
    val place = listOf<Attribute>("x" to room, "y" to room, "width" to side, "height" to side)
    return plate.images(scale, place + ("image-rendering" to "pixelated"))
}

private fun names(
    axis: AxisSpec,
    room: Int,
    square: Int,
): Markup =
    axis.labels.withIndex().markup { (i, label) ->
        val middle = room + i * square + square / 2 + 4
        val name = text(shownToken(label))
        tag("text", "x" to room - 5, "y" to middle, "text-anchor" to "end", "font-size" to 11) { name } +
            tag("text", "transform" to "translate($middle ${room - 5}) rotate(-90)", "font-size" to 11) { name }
    }

private fun frames(
    grid: ResultGrid,
    room: Int,
    square: Int,
): Markup =
    clusters(grid).withIndex().markup { (i, cluster) ->
        val at = room + cluster.first * square
        val size = cluster.count() * square
        val right = room + grid.sizes[0] * square + 8
        val line = arrayOf<Attribute>("fill" to "none", "stroke" to FRAME, "stroke-width" to 2)
        val number = arrayOf<Attribute>("font-size" to 12, "font-weight" to 600)
        tag("rect", "x" to at, "y" to at, "width" to size, "height" to size, *line) +
            stroke("M$right ${at + 1}v${size - 2}", FRAME, "2") +
            tag("text", "x" to right + 6, "y" to at + size / 2 + 4, *number) { text("${i + 1}") }
    }

/** Draws the mean map of every head by cluster, on which similarities are based. */
internal fun clusteredMaps(
    grid: ResultGrid,
    prefix: String,
): Drawing {
    val (rows, columns) = grid.sizes.takeLast(2)
    val patches = rows * columns
    val scale = ColourScale.of((0 until grid.cells).mapNotNull { grid.mean(it) }, changes = false, grid.measure.range)
    val maps =
        clusters(grid).withIndex().markup { (i, cluster) ->
            val panels =
                cluster.markup { head ->
                    val plate = Plate(rows, columns, List(patches) { grid.mean(head * patches + it) })
                    val name = shownToken(grid.axes.first().labels[head])
                    panel(mapSvg(plate, scale, name), name)
                }
            line { tag("strong") { text("Cluster ${i + 1}") } + text(", ${count(cluster.count(), "head")}") } +
                block("panels heads") { panels }
        }
    val reading =
        "Attention of each head to the patches, mean over ${count(grid.result.examples.size, "image")}; lighter is " +
            "more, on one scale for all heads."
    return Drawing(scale.legend(metricWords(grid.measure), "$prefix-maps") + maps, reading)
}

private fun mapSvg(
    plate: Plate,
    scale: ColourScale,
    name: String,
): Markup {
    val strongest = plate.strongest
    val peak = strongest?.let { " Strongest at row ${it / plate.columns}, column ${it % plate.columns}." }.orEmpty()
    return svg(plate.columns, plate.rows, "Head $name.$peak") { plate.squares(scale) }
}

/** Similarity of heads in the order of their clusters. */
internal object SimilarityView : View {
    override val kind = FigureKind.Heatmap

    override fun fits(grid: ResultGrid) = HeatmapView.fits(grid)

    override fun suits(grid: ResultGrid) = isClustered(grid)

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = similarityFigure(grid, frame.prefix, frame.alternative)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ) = plain.copy(view = STILL)
}
