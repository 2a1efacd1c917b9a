package dev.kausal.reports.svg

import dev.kausal.reports.words.escaped
import kotlinx.html.HTMLTag
import kotlinx.html.unsafe

/** Name and value of an attribute; one whose value is null is left out. */
internal typealias Attribute = Pair<String, Any?>

/**
 * Elements of HTML or SVG with their text.
 *
 * Only [tag] and [text] make it, and they escape every text and every value, so that no name, label or token of a bundle
 * can become an element. The page around the figures is built with kotlinx.html, which has no elements of SVG.
 */
@JvmInline
internal value class Markup private constructor(
    private val code: String,
) {
    /** Whether there is nothing in it. */
    val isEmpty: Boolean get() = code.isEmpty()

    operator fun plus(next: Markup): Markup = Markup(code + next.code)

    override fun toString(): String = code

    companion object {
        private val NAME = Regex("[A-Za-z][A-Za-z0-9:-]*")

        /** No element and no text. */
        val NONE: Markup = Markup("")

        /** Returns [words] as text. */
        fun text(words: String): Markup = Markup(escaped(words))

        /** Returns the element called [name] with [content]; null closes it at once, which only SVG allows. */
        fun element(
            name: String,
            attributes: Iterable<Attribute>,
            content: Markup?,
        ): Markup {
            val out = StringBuilder("<").append(checked(name))
            for ((attribute, value) in attributes) {
                if (value == null) continue
                out.append(' ').append(checked(attribute)).append("=\"").append(escaped("$value")).append('"')
            }
            if (content == null) return Markup(out.append("/>").toString())
            return Markup(out.append('>').append(content.code).append("</").append(name).append('>').toString())
        }

        /** Returns [parts] one after the other. */
        fun joined(parts: Iterable<Markup>): Markup = Markup(parts.joinToString("") { it.code })

        private fun checked(name: String): String = name.also { require(NAME.matches(it)) { "'$it' names no element" } }
    }
}

/** Returns [words] as text. */
internal fun text(words: String): Markup = Markup.text(words)

/** Returns the SVG element called [name] without content. */
internal fun tag(
    name: String,
    vararg attributes: Attribute,
): Markup = Markup.element(name, attributes.asList(), null)

/** Returns the element called [name] with [content]. */
internal fun tag(
    name: String,
    vararg attributes: Attribute,
    content: () -> Markup,
): Markup = Markup.element(name, attributes.asList(), content())

/** Returns what [of] makes of the elements, one after the other. */
internal fun <T> Iterable<T>.markup(of: (T) -> Markup): Markup = Markup.joined(map(of))

/** Returns this, or nothing if it is null. */
internal fun Markup?.orNone(): Markup = this ?: Markup.NONE

/** Adds [content] to the page. */
internal fun HTMLTag.add(content: Markup): Unit = unsafe { +content.toString() }
