package dev.kausal.dsl.jinja

/** Methods of texts and dicts, as Python has them; those that would change a value do not exist. */
internal object Methods {
    /** Returns Jinja's `value.name`: a method, else what the value holds under this name. */
    fun attribute(
        value: Any?,
        name: String,
    ): Any? {
        val method =
            when (value) {
                is String -> TEXTS[name]?.let { of -> Callable { of(value.also(it.run.budget::use), it) } }
                is Map<*, *> -> DICTS[name]?.let { of -> Callable { of(value, it) } }
                is List<*> -> LISTS[name]?.let { of -> Callable { of(value, it) } }
                else -> null
            }
        return method ?: Values.item(value, name)
    }

    /** Returns [text] without the characters of [set] at its ends; blanks if null. */
    fun stripped(
        text: String,
        set: String?,
    ): String = text.trim { if (set == null) it.isWhitespace() else it in set }

    fun titled(text: String): String =
        Regex("\\p{L}+").replace(text) { word -> capitalised(word.value) }

    fun capitalised(text: String): String = text.take(1).uppercase() + text.drop(1).lowercase()

    private val TEXTS: Map<String, (String, Arguments) -> Any?> =
        mapOf(
            "strip" to { text, given -> stripped(text, given.of(0, "chars") as? String) },
            "lstrip" to { text, given -> text.trimStart(where(given)) },
            "rstrip" to { text, given -> text.trimEnd(where(given)) },
            "upper" to { text, _ -> text.uppercase() },
            "lower" to { text, _ -> text.lowercase() },
            "title" to { text, _ -> titled(text) },
            "capitalize" to { text, _ -> capitalised(text) },
            "startswith" to { text, given -> anyOf(given) { start -> text.startsWith(start) } },
            "endswith" to { text, given -> anyOf(given) { end -> text.endsWith(end) } },
            "split" to { text, given -> split(given.run, text, given, fromEnd = false) },
            "rsplit" to { text, given -> split(given.run, text, given, fromEnd = true) },
            "splitlines" to
                { text, _ -> text.removeSuffix("\n").let { if (it.isEmpty()) emptyList() else it.split("\n") } },
            "replace" to { text, given ->
                TextFilters.replaced(
                    given.run,
                    text,
                    given.text(0, "old"),
                    given.text(1, "new"),
                    given.of(2, "count") as? Long,
                )
            },
            "join" to { text, given -> joined(text, given) },
            "find" to { text, given -> text.indexOf(searched(given, text)).toLong() },
            "count" to { text, given -> text.split(searched(given, text)).size - 1L },
            "isdigit" to { text, _ -> text.isNotEmpty() && text.all { it.isDigit() } },
            "isspace" to { text, _ -> text.isNotEmpty() && text.isBlank() },
        )

    private val DICTS: Map<String, (Map<*, *>, Arguments) -> Any?> =
        mapOf(
            "items" to { dict, _ -> Filters.pairs(dict) },
            "keys" to { dict, _ -> dict.keys.toList() },
            "values" to { dict, _ -> dict.values.toList() },
            "get" to
                { dict, given ->
                    given.of(0, "key").let { key ->
                        if (key in
                            dict.keys
                        ) {
                            dict[key]
                        } else {
                            given.of(1, "default")
                        }
                    }
                },
        )

    private val LISTS: Map<String, (List<*>, Arguments) -> Any?> =
        mapOf(
            "index" to { list, given ->
                val found = list.indexOfFirst { one -> Values.equal(one, given.of(0, "value")) }
                if (found < 0) throw JinjaException("a list lacks the value whose index is asked for")
                found.toLong()
            },
            "count" to { list, given -> list.count { one -> Values.equal(one, given.of(0, "value")) }.toLong() },
        )

    private fun joined(
        text: String,
        given: Arguments,
    ): String = given.run.budget.text(Values.items(given.of(0, "items")).joinToString(text) { Values.text(it) })

    /** Returns the text that is searched for in [text]. */
    private fun searched(
        given: Arguments,
        text: String,
    ): String =
        given.text(0, "part").also {
            if (it.isEmpty()) throw JinjaException("an empty text cannot be searched for")
            given.run.budget.search(text, it)
        }

    private fun where(given: Arguments): (Char) -> Boolean {
        val set = given.of(0, "chars") as? String
        return { if (set == null) it.isWhitespace() else it in set }
    }

    private fun anyOf(
        given: Arguments,
        holds: (String) -> Boolean,
    ): Boolean {
        val one = given.of(0, "text")
        return if (one is String) holds(one) else Values.items(one).any { it is String && holds(it) }
    }

    private fun split(
        run: Rendering,
        text: String,
        given: Arguments,
        fromEnd: Boolean,
    ): List<String> {
        run.budget.characters(text.length.toLong())
        val separator = given.of(0, "sep") as? String
        val limit = given.number(1, "maxsplit", -1)
        val most = if (limit < 0) Int.MAX_VALUE - 1 else limit.coerceAtMost(Budget.ITEMS).toInt()
        if (separator == null) return text.trim().split(Regex("\\s+"), most + 1).filter { it.isNotEmpty() }
        if (separator.isEmpty()) throw JinjaException("a text cannot be split at nothing")
        run.budget.search(text, separator)
        val parts = text.split(separator)
        val joined = parts.size - 1 - most
        if (joined <= 0) return parts
        return if (fromEnd) {
            listOf(parts.take(joined + 1).joinToString(separator)) + parts.drop(joined + 1)
        } else {
            parts.take(most) + parts.drop(most).joinToString(separator)
        }
    }
}
