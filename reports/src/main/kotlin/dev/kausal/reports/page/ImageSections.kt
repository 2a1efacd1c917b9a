package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.ImageMaps
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.figure.absent
import dev.kausal.reports.figure.block
import dev.kausal.reports.figure.isClustered
import dev.kausal.reports.figure.mapsOf
import dev.kausal.reports.figure.ofPatches
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.DebugStory
import dev.kausal.reports.stories.Stories
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.add
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.reports.words.signed
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec
import kotlinx.html.FlowContent
import kotlinx.html.article
import kotlinx.html.details
import kotlinx.html.div
import kotlinx.html.h3
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.table
import kotlinx.html.tbody
import kotlinx.html.td
import kotlinx.html.th
import kotlinx.html.thead
import kotlinx.html.tr

private const val OPEN_IMAGES = 4
private const val MOST_IMAGES = 16
private const val MOST_ROWS = 6
private const val MOST_REMOVALS = 24
private const val CLASS = "class"

/** Returns whether the inputs of a set of the bundle are images. */
internal fun hasImages(bundle: Bundle): Boolean =
    bundle.spec.contrasts.any { set -> set.contrasts.any { it.clean.image != null } }

/** Writes all results by image. */
internal fun FlowContent.images(
    bundle: Bundle,
    photos: Photos,
) {
    val grids = bundle.results.results.map { ResultGrid(it, bundle.spec) }
    bundle.spec.contrasts.filter { set -> set.contrasts.any { it.clean.image != null } }.forEach { set ->
        val own = grids.filter { it.set?.name == set.name && it.result.examples.size == set.contrasts.size }
        val shown = set.contrasts.take(MOST_IMAGES)
        shown.take(OPEN_IMAGES).forEachIndexed { i, contrast -> image(contrast, i, own, photos, set.name) }
        val folded = shown.drop(OPEN_IMAGES)
        if (folded.isNotEmpty()) {
            details {
                summary { +count(folded.size, "more image") }
                folded.forEachIndexed { i, contrast -> image(contrast, i + OPEN_IMAGES, own, photos, set.name) }
            }
        }
        val left = set.contrasts.size - shown.size
        if (left > 0) p { +"${count(left, "more image")} of ${set.name} in results.json." }
    }
}

private fun FlowContent.image(
    contrast: ContrastSpec,
    example: Int,
    grids: List<ResultGrid>,
    photos: Photos,
    set: String,
) {
    article("image") {
        h3 { +contrast.label }
        p { +verdict(contrast, example, grids) }
        DebugStory.of(contrast, example, grids)?.paragraphs()?.forEach { (head, text) ->
            p {
                strong { +"$head. " }
                +text
            }
        }
        val own = grids.filter { ofPatches(it) && !isClustered(it) && it.prompt(example) != null }
        val maps = own.flatMap { mapsOf(it) }
        card("Maps of ${contrast.label}") {
            if (maps.isEmpty()) add(plain(contrast, photos))
            maps.forEachIndexed { i, map ->
                val prefix = "$set-$example-$i".filter { it.isLetterOrDigit() || it == '-' }
                val drawn = ImageMaps(map.grid, photos, prefix, map.compared)
                p("of") {
                    strong { +map.label }
                    if (map.grid.run != "clean") +" (${map.grid.inputName(example)})"
                    +": ${drawn.finding(example, named = false)}"
                }
                add(drawn.alone(example))
            }
        }
        val numbers = grids.filter { !ofPatches(it) && Stories.of(it).listedByImage }
        numbers.forEach { if (it.axes.lastOrNull()?.name == CLASS) byClass(it, example) else strongest(it, example) }
    }
}

private fun plain(
    contrast: ContrastSpec,
    photos: Photos,
): Markup = photos.of(contrast.clean)?.let {
    block("panels") { block("panel") { it.picture("The image ${contrast.label}") } }
} ?: absent("This image is in the bundle's folder, not on this page.")

/** Describes the true class and the prediction: `True class: 3. Predicted: 8 (61.2 %), then 3 (30.1 %): wrong.` */
internal fun verdict(
    contrast: ContrastSpec,
    example: Int,
    grids: List<ResultGrid>,
): String {
    val truth = contrast.answer?.text
    val likely = grids.firstNotNullOfOrNull { likely(it, example) }
    val given = truth?.let { "True class: ${shownToken(it)}." } ?: "No true class given."
    if (likely == null) return given
    val predicted = likely.map { "${shownToken(it.token)} (${number(100 * it.probability, 1)} %)" }
    val right = when (truth) {
        null -> ""
        likely.first().token -> ": right"
        else -> ": wrong"
    }
    val then = if (predicted.size > 1) ", then ${listed(predicted.drop(1))}" else ""
    return "$given Predicted: ${predicted.first()}$then$right."
}

/** Returns the most likely classes of an example, best first, if a result has them or all probabilities. */
private fun likely(
    grid: ResultGrid,
    example: Int,
): List<LikelyToken>? {
    grid.result.top?.getOrNull(example)?.lastOrNull()?.takeIf { it.isNotEmpty() }?.let { return it }
    if (grid.measure != Measure.Of(MetricSpec.Probability) || grid.axes.singleOrNull()?.name != CLASS) return null
    val all = grid.axes.single().labels.zip(grid.result.perExample[example])
    return all.mapNotNull { (name, value) -> value?.let { LikelyToken(name, it) } }
        .sortedByDescending { it.probability }
        .take(2)
        .ifEmpty { null }
}

/** Writes a row per cell of the first axes, with a column per class. */
private fun FlowContent.byClass(
    grid: ResultGrid,
    example: Int,
) {
    if (grid.axes.size != 2) return
    val classes = grid.axes.last().labels
    div("scroll") {
        attributes["tabindex"] = "0"
        table("cells") {
            thead {
                tr {
                    th { +"${grid.result.name}: ${metricWords(grid.measure)}, ${grid.axes.first().name}" }
                    classes.forEach { th { +shownToken(it) } }
                }
            }
            tbody {
                grid.axes.first().labels.take(MOST_REMOVALS).forEachIndexed { i, label ->
                    tr {
                        td { +shownToken(label) }
                        classes.indices.forEach { at ->
                            td { +number(grid.result.perExample[example][i * classes.size + at]) }
                        }
                    }
                }
            }
        }
    }
}

/** Writes the cells of one image that differ most from its unedited value. */
private fun FlowContent.strongest(
    grid: ResultGrid,
    example: Int,
) {
    val row = grid.result.perExample[example]
    val base = if (grid.ofEditedRuns && !grid.isRecovery) {
        grid.result.baseline[grid.run]?.getOrNull(example) ?: 0.0
    } else {
        0.0
    }
    val best = row.indices.filter {
        row[it]?.isFinite() == true
    }.sortedByDescending { kotlin.math.abs(row[it]!! - base) }.take(MOST_ROWS)
    if (best.isEmpty()) return
    div("scroll") {
        attributes["tabindex"] = "0"
        table("cells") {
            thead {
                tr {
                    th { +"${grid.result.name}, strongest of ${count(row.size, "cell")}" }
                    th { +metricWords(grid.measure) }
                    if (base != 0.0) th { +"change from ${number(base)}" }
                }
            }
            tbody {
                best.forEach { cell ->
                    tr {
                        td { +grid.words(cell).ifEmpty { "the edit" } }
                        td { +number(row[cell]) }
                        if (base != 0.0) td { +signed(row[cell]!! - base) }
                    }
                }
            }
        }
    }
}
