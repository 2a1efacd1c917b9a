package dev.kausal.reports.figure

import dev.kausal.reports.svg.ColourScale
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
    attributes: String,
    over: Boolean = false,
): String {
    val light = "<image $attributes href=\"${address(scale, over, dark = false)}\"/>"
    if (!scale.changes) return light
    return light.replace("<image ", "<image class=\"in-light\" ") +
        "<image class=\"in-dark\" $attributes href=\"${address(scale, over, dark = true)}\"/>"
}

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
