package dev.kausal.dsl.jinja

import java.math.BigDecimal

/** Rules of Python's values. A value is null, a Boolean, Long, Double, String, List, Map, or one of this package. */
internal object Values {
    fun isTrue(value: Any?): Boolean =
        when (value) {
            null, is Undefined -> false
            is Boolean -> value
            is Long -> value != 0L
            is Double -> value != 0.0
            is String -> value.isNotEmpty()
            is List<*> -> value.isNotEmpty()
            is Map<*, *> -> value.isNotEmpty()
            else -> true
        }

    fun type(value: Any?): String =
        when (value) {
            null -> "none"
            is Undefined -> "undefined"
            is Boolean -> "a boolean"
            is Long, is Double -> "a number"
            is String -> "a text"
            is List<*> -> "a list"
            is Map<*, *> -> "a dict"
            else -> "an object"
        }

    /** Returns the value as it is written out. */
    fun text(value: Any?): String =
        when (value) {
            is String -> value
            is Undefined -> ""
            else -> StringBuilder().also { shown(value, it) }.toString()
        }

    /** Writes the value as Python's `repr`. */
    private fun shown(
        value: Any?,
        out: StringBuilder,
    ) {
        limited(out)
        when (value) {
            null -> out.append("None")

            true -> out.append("True")

            false -> out.append("False")

            is String -> out.append(quoted(value))

            is Double -> out.append(number(value))

            is List<*> -> several(value, "[", "]", out) { shown(it, out) }

            is Map<*, *> -> several(value.entries, "{", "}", out) {
                shown(it.key, out)
                shown(it.value, out.append(": "))
            }

            is Long -> out.append(value)

            is Undefined -> out.append("Undefined")

            else -> throw JinjaException("an object cannot be written out")
        }
    }

    private fun <T> several(
        all: Collection<T>,
        open: String,
        close: String,
        out: StringBuilder,
        write: (T) -> Unit,
    ) {
        out.append(open)
        all.forEachIndexed { index, one ->
            if (index > 0) out.append(", ")
            write(one)
        }
        out.append(close)
    }

    /** Ends the rendering if [out] has become longer than any text may be. */
    fun limited(out: StringBuilder) {
        if (out.length >
            Budget.CHARACTERS
        ) {
            throw BeyondLimit("it builds texts of more than ${Budget.CHARACTERS} characters")
        }
    }

    /** Returns [value], which must be a single one, as the key of a dict. */
    fun key(value: Any?): Any? =
        if (value is List<*> ||
            value is Map<*, *>
        ) {
            throw JinjaException("${type(value)} is no key of a dict")
        } else {
            value
        }

    private fun quoted(text: String): String {
        val quote = if ('\'' in text && '"' !in text) '"' else '\''
        val inner = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
        return "$quote${if (quote == '\'') inner.replace("'", "\\'") else inner}$quote"
    }

    /** Returns a number as Python writes it. */
    fun number(value: Double): String {
        if (value.isNaN()) return "nan"
        if (value.isInfinite()) return if (value > 0) "inf" else "-inf"
        val size = kotlin.math.abs(value)
        if (size != 0.0 && (size < 1e-4 || size >= 1e16)) return "$value".replace(".0E", "E").replace("E", "e")
        return BigDecimal("$value").toPlainString().let { if ('.' in it) it else "$it.0" }
    }

    fun equal(
        a: Any?,
        b: Any?,
    ): Boolean {
        val x = numeric(a)
        val y = numeric(b)
        return when {
            x != null && y != null -> if (x is Long && y is Long) x == y else x.toDouble() == y.toDouble()
            a is List<*> && b is List<*> -> a.size == b.size && a.indices.all { equal(a[it], b[it]) }
            a is Map<*, *> && b is Map<*, *> -> a.keys == b.keys && a.keys.all { equal(a[it], b[it]) }
            a is Undefined || b is Undefined -> a is Undefined && b is Undefined
            else -> a == b
        }
    }

    private fun numeric(value: Any?): Number? =
        when (value) {
            is Boolean -> if (value) 1L else 0L
            is Long -> value
            is Double -> value
            else -> null
        }

    fun compare(
        a: Any?,
        b: Any?,
    ): Int {
        val x = numeric(a)
        val y = numeric(b)
        return when {
            x is Long && y is Long -> x.compareTo(y)
            x != null && y != null -> x.toDouble().compareTo(y.toDouble())
            a is String && b is String -> a.compareTo(b)
            else -> throw JinjaException("${type(a)} and ${type(b)} have no order")
        }
    }

    fun contains(
        all: Any?,
        one: Any?,
    ): Boolean =
        when (all) {
            is String -> one is String && one in all
            is List<*> -> all.any { equal(it, one) }
            is Map<*, *> -> key(one) in all.keys
            is Undefined -> false
            else -> throw JinjaException("${type(all)} has no elements to find")
        }

    /** Returns the elements of a list, the keys of a dict or the characters of a text. */
    fun items(value: Any?): List<Any?> =
        when (value) {
            is List<*> -> value
            is Map<*, *> -> value.keys.toList()
            is String -> characters(value)
            is Undefined -> emptyList()
            else -> throw JinjaException("${type(value)} has no elements to go over")
        }

    private fun characters(text: String): List<String> {
        if (text.length > Budget.ITEMS) throw BeyondLimit("it goes over a text of ${text.length} characters")
        return text.map { "$it" }
    }

    fun length(value: Any?): Long =
        when (value) {
            is String -> value.codePointCount(0, value.length).toLong()
            else -> items(value).size.toLong()
        }

    /** Returns what Python's `value[key]` is. */
    fun item(
        value: Any?,
        key: Any?,
    ): Any? =
        when (value) {
            is Undefined -> throw JinjaException("'${value.name}' is undefined")
            is Map<*, *> -> if (key(key) in value.keys) value[key] else Undefined("$key")
            is Namespace -> value.values.getOrElse("$key") { Undefined("$key") }
            is List<*> -> (key as? Long)?.let { at(value, it) } ?: Undefined("$key")
            is String -> (key as? Long)?.let { at(characters(value), it) } ?: Undefined("$key")
            else -> Undefined("$key")
        }

    private fun at(
        list: List<*>,
        index: Long,
    ): Any? {
        val place = if (index < 0) index + list.size else index
        return if (place in list.indices) list[place.toInt()] else Undefined("$index")
    }

    /** Returns Python's `value[from:to:step]`. */
    fun slice(
        value: Any?,
        from: Long?,
        to: Long?,
        step: Long,
    ): Any? {
        if (value is String) return (slice(value.toList(), from, to, step) as List<*>).joinToString("")
        if (value !is List<*>) throw JinjaException("${type(value)} cannot be sliced")
        if (step == 0L) throw JinjaException("the step of a slice is 0")
        return (
            if (step >
                0
            ) {
                upwards(value.size, from, to, step)
            } else {
                downwards(value.size, from, to, step)
            }
        ).map { value[it] }
    }

    private fun upwards(
        size: Int,
        from: Long?,
        to: Long?,
        step: Long,
    ): List<Int> {
        val ends = LongRange(0, size.toLong())
        return (bound(from ?: 0, size, ends) until bound(to ?: ends.last, size, ends) step step).map { it.toInt() }
    }

    private fun downwards(
        size: Int,
        from: Long?,
        to: Long?,
        step: Long,
    ): List<Int> {
        val ends = LongRange(-1, size - 1L)
        val last = if (to == null) -1 else bound(to, size, ends)
        return (bound(from ?: ends.last, size, ends) downTo last + 1 step -step).map { it.toInt() }
    }

    /** Returns [index], counted from the end if it is negative, within [ends]. */
    private fun bound(
        index: Long,
        size: Int,
        ends: LongRange,
    ): Long = (if (index < 0) index + size else index).coerceIn(ends)
}
