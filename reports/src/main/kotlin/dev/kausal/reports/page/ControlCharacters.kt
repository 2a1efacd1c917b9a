package dev.kausal.reports.page

private const val CONTROL_PICTURES = 0x2400
private const val DELETE = 0x7f
private const val LAST_CONTROL = 0x9f
private const val DELETE_PICTURE = 0x2421
private const val REPLACEMENT = '\ufffd'
private const val HEX = 16
private const val UNICODE_ESCAPE = 6

/** JSON's escapes of control characters. */
private val SHORT_ESCAPES = mapOf('b' to '\b', 'f' to '\u000c', 'r' to '\r')

/** Replaces control characters, and marks that change text direction, in [html] by visible signs. */
internal fun visible(html: String): String =
    if (html.none(::isControl)) html else buildString(html.length) { html.forEach { append(shown(it)) } }

/** Replaces them in the texts of [json], where most control characters are escaped. */
internal fun visibleJson(json: String): String =
    buildString(json.length) {
        var at = 0
        while (at < json.length) {
            val escape = escapeAt(json, at)
            val control = escape?.let(::control)
            val part = escape ?: json.substring(at, at + 1)
            if (control != null) append(shown(control)) else part.forEach { append(shown(it)) }
            at += part.length
        }
    }

/** Returns the escape that begins at [at]; null if none does. */
private fun escapeAt(
    json: String,
    at: Int,
): String? =
    if (json[at] == '\\') json.substring(at, at + if (json[at + 1] == 'u') UNICODE_ESCAPE else 2) else null

/** Returns the control character of [escape]; null if it is another character. */
private fun control(escape: String): Char? =
    if (escape[1] == 'u') {
        escape.drop(2).toInt(HEX).toChar().takeIf(::isControl)
    } else {
        SHORT_ESCAPES[escape[1]]
    }

/**
 * Returns whether [char] is a control of C0 other than line feed and tab, a control of C1, or a mark that overrides
 * text direction.
 */
private fun isControl(char: Char): Boolean =
    (char < ' ' && char != '\n' && char != '\t') || char.code in DELETE..LAST_CONTROL ||
        char in '\u202a'..'\u202e' || char in '\u2066'..'\u2069'

private fun shown(char: Char): Char =
    when {
        !isControl(char) -> char
        char < ' ' -> (CONTROL_PICTURES + char.code).toChar()
        char.code == DELETE -> DELETE_PICTURE.toChar()
        else -> REPLACEMENT
    }
