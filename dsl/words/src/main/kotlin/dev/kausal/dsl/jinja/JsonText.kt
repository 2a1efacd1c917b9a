package dev.kausal.dsl.jinja

/** Writes values as Python's `json.dumps`, whose blanks templates rely on. */
internal class JsonText(
    private val indent: Int?,
    private val ascii: Boolean,
    private val sorted: Boolean,
) {
    fun of(value: Any?): String = StringBuilder().also { write(value, it, 0) }.toString()

    private fun write(
        value: Any?,
        out: StringBuilder,
        depth: Int,
    ) {
        Values.limited(out)
        if (depth > Budget.NESTED) throw BeyondLimit("a value nests more than ${Budget.NESTED} deep")
        when (value) {
            null -> out.append("null")
            is Boolean, is Long -> out.append(value)
            is Double -> out.append(Values.number(value))
            is String -> text(value, out)
            is List<*> -> several(value, "[", "]", out, depth) { write(it, out, depth + 1) }
            is Map<*, *> -> dict(value, out, depth)
            is Undefined -> throw JinjaException("'${value.name}' is undefined, so it is no JSON")
            else -> throw JinjaException("an object is no JSON")
        }
    }

    private fun dict(
        value: Map<*, *>,
        out: StringBuilder,
        depth: Int,
    ) {
        val entries = if (sorted) value.entries.sortedBy { "${it.key}" } else value.entries.toList()
        several(entries, "{", "}", out, depth) {
            text(Values.text(it.key), out)
            out.append(": ")
            write(it.value, out, depth + 1)
        }
    }

    private fun <T> several(
        all: List<T>,
        open: String,
        close: String,
        out: StringBuilder,
        depth: Int,
        write: (T) -> Unit,
    ) {
        out.append(open)
        all.forEachIndexed { index, one ->
            if (index > 0) out.append(if (indent == null) ", " else ",")
            line(out, depth + 1)
            write(one)
        }
        if (all.isNotEmpty()) line(out, depth)
        out.append(close)
    }

    private fun line(
        out: StringBuilder,
        depth: Int,
    ) {
        if (indent != null) out.append('\n').append(" ".repeat(indent * depth))
    }

    private fun text(
        value: String,
        out: StringBuilder,
    ) {
        out.append('"')
        for (c in value) {
            val short = SHORT[c]
            when {
                short != null -> out.append(short)
                c < ' ' || (ascii && c > '~') -> out.append("\\u%04x".format(c.code))
                else -> out.append(c)
            }
        }
        out.append('"')
    }

    private companion object {
        val SHORT =
            mapOf(
                '"' to "\\\"",
                '\\' to "\\\\",
                '\n' to "\\n",
                '\r' to "\\r",
                '\t' to "\\t",
                '\b' to "\\b",
                '\u000c' to "\\f",
            )
    }
}
