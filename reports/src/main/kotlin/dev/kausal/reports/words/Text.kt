package dev.kausal.reports.words

import java.util.Locale
import kotlin.math.abs

private const val MINUS = "\u2212"

/** Formats [value] with [digits] decimals, or with an exponent if these would all be 0 or it is 10^6 or more. */
internal fun number(
    value: Double?,
    digits: Int = 3,
): String {
    if (value == null) return "not computed"
    if (value.isNaN() || value.isInfinite()) return value.toString()
    val size = abs(value)
    val tiny = digits > 0 && size != 0.0 && size < Math.pow(10.0, -digits.toDouble()) / 2
    val text = if (tiny || size >= 1e6) "%.1e".format(Locale.ROOT, value) else "%.${digits}f".format(Locale.ROOT, value)
    val zero = text.trimStart('-').all { it == '0' || it == '.' }
    return if (zero) text.trimStart('-') else text.replace("-", MINUS)
}

/** Formats [value], a share of the way between two runs, to three decimals; it is 0 if they show nothing. */
internal fun ratio(value: Double): String = number(if (abs(value) < 5e-4) 0.0 else value)

/** Formats [value] like [number], always with a sign. */
internal fun signed(
    value: Double,
    digits: Int = 3,
): String = number(value, digits).let { if (value > 0 && it.any { c -> c in '1'..'9' }) "+$it" else it }

private val SIGN = Regex("""(?<![\p{L}\p{N}_)\]-])-(?=\d|\.\d| )|(?<=\de)-(?=\d)""")

/** Replaces hyphens that are signs in [text] by the minus of [number]: `-2`, `1e-07`, `a - b`. */
internal fun typographic(text: String): String = SIGN.replace(text, MINUS)

/** Formats a count: `1 head`, `2 heads`. */
internal fun count(
    n: Int,
    one: String,
    many: String = one + "s",
): String = "$n ${if (n == 1) one else many}"

/** Trims [token] for running text or an axis; shows blank tokens as visible signs. */
internal fun shownToken(token: String): String {
    val flat = token.replace("\n", "\u23ce").replace("\t", "\u21e5").replace("\r", "")
    return if (flat.isBlank()) "\u2423".repeat(flat.length.coerceAtLeast(1)) else flat.trim()
}

/** Lists [parts]: `a`, `a and b`, `a, b and c`. */
internal fun listed(parts: List<String>): String =
    if (parts.size < 2) parts.joinToString() else parts.dropLast(1).joinToString() + " and " + parts.last()

/** Escapes [text] for HTML and SVG, as text or attribute. */
internal fun escaped(text: String): String {
    val out = StringBuilder(text.length)
    for (c in text) {
        when {
            c == '&' -> out.append("&amp;")
            c == '<' -> out.append("&lt;")
            c == '>' -> out.append("&gt;")
            c == '"' -> out.append("&quot;")
            c == '\'' -> out.append("&#39;")
            c < ' ' && c != '\n' && c != '\t' -> out.append('\ufffd')
            else -> out.append(c)
        }
    }
    return out.toString()
}
