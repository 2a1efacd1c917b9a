package dev.kausal.reports.figure

import dev.kausal.reports.svg.ColourScale
import dev.kausal.reports.svg.Pixels
import dev.kausal.reports.svg.Plate
import dev.kausal.reports.svg.dataUrl

/**
 * The plate's squares in the colours of [scale], as the address of a picture.
 *
 * @param over whether it lies over another picture, and is as opaque as its values are strong
 */
internal fun Plate.image(
    scale: ColourScale,
    over: Boolean,
): String {
    val pixels = Pixels(rows, columns)
    values.forEachIndexed { i, value ->
        if (value != null) {
            val opacity = if (over) scale.opacity(value) else 1.0
            pixels.set(i / columns, i % columns, scale.rgb(value), opacity)
        }
    }
    return dataUrl(pixels.png())
}
