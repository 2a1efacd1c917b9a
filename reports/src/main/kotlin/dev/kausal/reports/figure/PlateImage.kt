package dev.kausal.reports.figure

import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.ColourScale
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Pixels
import dev.kausal.reports.svg.Plate
import dev.kausal.reports.svg.dataUrl

/**
 * Draws the plate's squares in the colours of [scale], as an image with [attributes]; for changes, one image per theme.
 *
 * @param over whether it is an overlay, with opacity by the size of its values
 */
internal fun Plate.images(
    scale: ColourScale,
    attributes: List<Attribute>,
    over: Boolean = false,
): Markup {
    fun image(
        theme: String?,
        dark: Boolean,
    ) = Markup.element("image", listOf("class" to theme) + attributes + ("href" to address(scale, over, dark)), null)
    return if (scale.changes) image("in-light", dark = false) + image("in-dark", dark = true) else image(null, false)
}

/** The plate's squares, a pixel each. */
internal fun Plate.squares(scale: ColourScale): Markup =
    images(scale, listOf("width" to columns, "height" to rows, "image-rendering" to "pixelated"))

private fun Plate.address(
    scale: ColourScale,
    over: Boolean,
    dark: Boolean,
): String {
    val pixels = Pixels(rows, columns)
    values.forEachIndexed { i, value ->
        if (value != null) {
            val opacity = if (over) scale.opacity(value) else 1.0
            pixels.set(i / columns, i % columns, scale.rgb(value, dark), opacity)
        }
    }
    return dataUrl(pixels.png())
}
