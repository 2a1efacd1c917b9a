package dev.kausal.reports.svg

import kotlin.math.pow
import kotlin.math.roundToInt

/** Number of colour steps for changes, and for the share of a likely token, in the style sheet. */
internal const val STEPS: Int = 100
private const val SHARES = 10

/** Pairs of a colour of [Palette] and its counterpart on a dark page. */
private val pairs: List<Pair<String, String>> =
    listOf(Palette.BELOW to DarkPalette.BELOW, Palette.ABOVE to DarkPalette.ABOVE) +
        Palette.LINES.zip(DarkPalette.LINES)

/**
 * Returns the style sheet's rules for the colours of drawings. Marks have light-paper colours as attributes, which
 * exports and print keep; on the page, the theme's colours override them.
 */
internal fun paletteSheet(): String =
    buildString {
        append(":root{--look:${either(Palette.BELOW, DarkPalette.BELOW)};")
        append("--gap:${either(Palette.GAP, DarkPalette.GAP)}}\n")
        for (step in 0..STEPS) {
            append(
                shade("[data-d=\"$step\"]", Palette.CHANGES, DarkPalette.CHANGES, step / STEPS.toDouble()),
            )
        }
        val (light, dark) = listOf(Palette.CHANGES, DarkPalette.CHANGES).map { it.take(it.size / 2 + 1).reversed() }
        for (step in 0..SHARES) append(shade(".p$step", light, dark, step / SHARES.toDouble()))
        Palette.CHANGES.indices.forEach {
            append(".g$it{stop-color:${either(hex(Palette.CHANGES[it]), hex(DarkPalette.CHANGES[it]))}}\n")
        }
        for ((light, dark) in pairs) {
            for (name in listOf("fill", "stroke")) {
                append(".card [$name=\"$light\"],.card [$name=\"${decimal(light)}\"]{$name:${either(light, dark)}}\n")
            }
        }
    }

/** Returns the palette for the page's script, so that it draws with the same colours. */
internal fun paletteScript(): String {
    val stops = Palette.CHANGES.joinToString { rgb -> channels(rgb).toString() }
    return "const STOPS = [$stops];\nconst STEPS = $STEPS;\nconst GAP = '${Palette.GAP}';\n" +
        "const ABOVE = '${Palette.ABOVE}';\nconst BELOW = '${Palette.BELOW}';"
}

private fun either(
    light: String,
    dark: String,
): String = "light-dark($light,$dark)"

/** Returns one step as a background `--d` with its text colour `--t`. */
private fun shade(
    selector: String,
    light: List<Int>,
    dark: List<Int>,
    part: Double,
): String {
    val (day, night) = mixed(light, part) to mixed(dark, part)
    return "$selector{--d:${either(hex(day), hex(night))};--t:${either(inkOn(day), inkOn(night))}}\n"
}

/** Returns black or white, whichever has more contrast on [rgb] (WCAG 2). */
internal fun inkOn(rgb: Int): String {
    val parts = channels(rgb).map {
        (it / 255.0).let { c ->
            if (c <= 0.03928) {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).pow(2.4)
            }
        }
    }
    val luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return if ((luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05)) "#000" else "#fff"
}

private fun channels(rgb: Int): List<Int> = listOf(16, 8, 0).map { rgb shr it and 0xff }

private fun decimal(hex: String): String = channels(hex.drop(1).toInt(16)).joinToString(",", "rgb(", ")")

internal fun hex(rgb: Int): String = "#%06x".format(rgb)

/** Returns the colour at [part] of the way along [stops]. */
internal fun mixed(
    stops: List<Int>,
    part: Double,
): Int {
    val at = part.coerceIn(0.0, 1.0) * (stops.size - 1)
    val from = at.toInt().coerceAtMost(stops.size - 2)
    return channels(stops[from]).zip(channels(stops[from + 1])).fold(0) { rgb, (a, b) ->
        (rgb shl 8) or (a + (b - a) * (at - from)).roundToInt()
    }
}
