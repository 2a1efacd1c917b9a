package dev.kausal.dsl.jinja

/** Filters of texts. */
internal object TextFilters {
    val ALL: Map<String, (Arguments) -> Any?> =
        mapOf(
            "trim" to { Methods.stripped(text(it), it.of(1, "chars") as? String) },
            "upper" to { text(it).uppercase() },
            "lower" to { text(it).lowercase() },
            "title" to { Methods.titled(text(it)) },
            "capitalize" to { Methods.capitalised(text(it)) },
            "string" to ::text,
            "safe" to ::text,
            "escape" to ::escaped,
            "e" to ::escaped,
            "join" to ::joined,
            "replace" to
                { replaced(it.run, text(it), it.text(1, "old"), it.text(2, "new"), it.of(3, "count") as? Long) },
            "indent" to ::indented,
            "wordcount" to { text(it).split(Regex("\\s+")).count { word -> word.isNotEmpty() }.toLong() },
        )

    private fun text(given: Arguments): String = Values.text(given.values[0])

    private fun escaped(given: Arguments): String =
        text(
            given,
        ).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&#34;").replace("'", "&#39;")

    private fun joined(given: Arguments): String {
        val separator = Values.text(given.of(1, "d", ""))
        val path = given.of(2, "attribute")
        val parts = Values.items(given.values[0]).map { Values.text(if (path == null) it else Values.item(it, path)) }
        given.run.budget.characters(parts.sumOf { it.length + separator.length.toLong() })
        return parts.joinToString(separator)
    }

    /** Returns [text] with [old] replaced, at most [count] times. */
    fun replaced(
        run: Rendering,
        text: String,
        old: String,
        new: String,
        count: Long?,
    ): String {
        if (old.isEmpty()) throw JinjaException("an empty text cannot be replaced")
        run.budget.search(text, old)
        val most = if (count == null || count < 0) Long.MAX_VALUE else count
        val places = generateSequence(text.indexOf(old)) { text.indexOf(old, it + old.length) }.takeWhile { it >= 0 }
            .take(minOf(most, text.length + 1L).toInt()).toList()
        run.budget.characters(text.length + places.size.toLong() * new.length)
        val out = StringBuilder()
        var from = 0
        for (place in places) {
            out.append(text, from, place).append(new)
            from = place + old.length
        }
        return out.append(text, from, text.length).toString()
    }

    private fun indented(given: Arguments): String {
        val width = given.of(1, "width", 4L)
        val blanks = if (width is Long) " ".repeat(width.coerceIn(0, MOST_BLANKS).toInt()) else Values.text(width)
        val first = Values.isTrue(given.of(2, "first", false))
        val blank = Values.isTrue(given.of(3, "blank", false))
        val lines = text(given).split('\n')
        given.run.budget.characters(lines.size.toLong() * blanks.length + text(given).length)
        return lines.mapIndexed { index, line ->
            val indents = if (index == 0) first else blank || line.isNotEmpty()
            if (indents) blanks + line else line
        }.joinToString("\n")
    }

    private const val MOST_BLANKS = 100L
}
