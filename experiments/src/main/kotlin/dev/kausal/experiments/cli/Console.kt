package dev.kausal.experiments.cli

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/**
 * Writes results to [out], progress and messages to [err]. Both may quote files and hubs: characters that a terminal
 * would interpret, or that change the direction of text, are shown as codes.
 */
internal class Console(
    private val out: Appendable,
    private val err: Appendable,
) {
    /** Whether messages are JSON objects, for programs that read them. */
    var isJson: Boolean = false

    /** Writes a line of the result. */
    fun say(line: String) {
        out.append(printable(line)).append('\n')
    }

    /** Writes a progress line or message; an overlong one is shortened in the middle. */
    fun complain(line: String) {
        val text = printable(shortened(line))
        if (!isJson) {
            err.append(text).append('\n')
            return
        }
        event(
            buildJsonObject {
                put("event", "message")
                put("text", text)
            },
        )
    }

    /** Writes an event as one line. */
    fun event(event: JsonObject) {
        err.append(printable("$event")).append('\n')
    }

    /** Writes text with Kausal's own colours, such as help: the only text that may have escape sequences. */
    fun coloured(
        text: String,
        mistake: Boolean,
    ) {
        (if (mistake) err else out).append(text).append('\n')
    }

    internal companion object {
        private const val MOST_OF_LINE = 4000
        private const val MOST_LINES = 400
        private const val END = 800
        private const val LAST_LINES = 50
        private const val HEX = "%04x"

        /** Characters that control text direction, and separators of lines and paragraphs. */
        private val OBEYED =
            setOf('\u061c', '\u200e', '\u200f', '\u2028', '\u2029', '\ufeff') + ('\u202a'..'\u202e') +
                ('\u2066'..'\u2069')

        /** Returns [text] with control characters as `\\u001b`; line ends and tabs are kept. */
        fun printable(text: String): String {
            if (text.none(::isObeyed)) return text
            return buildString {
                text.forEach { if (isObeyed(it)) append("\\u" + HEX.format(it.code)) else append(it) }
            }
        }

        private fun isObeyed(c: Char) = (c.isISOControl() && c != '\n' && c != '\t') || c in OBEYED

        /** Returns [text] with overlong lines and texts shortened in the middle. */
        fun shortened(text: String): String {
            if (text.length <= MOST_OF_LINE) return text
            val lines = text.lines().map(::shortenedLine)
            if (lines.size <= MOST_LINES) return lines.joinToString("\n")
            val left = lines.size - MOST_LINES
            val shown = lines.take(MOST_LINES - LAST_LINES) + "[... $left lines ...]" + lines.takeLast(LAST_LINES)
            return shown.joinToString("\n")
        }

        private fun shortenedLine(line: String): String {
            val left = line.length - MOST_OF_LINE
            if (left <= 0) return line
            return "${line.take(MOST_OF_LINE - END)} [... $left characters ...] ${line.takeLast(END)}"
        }
    }
}
