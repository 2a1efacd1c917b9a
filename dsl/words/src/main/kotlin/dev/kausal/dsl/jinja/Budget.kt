package dev.kausal.dsl.jinja

/** Counts what rendering uses, and ends it at a limit. */
internal class Budget {
    private var steps = 0
    private var characters = 0L
    private var depth = 0

    /** Counts one evaluation of an expression or statement. */
    fun step() {
        if (++steps > STEPS) throw BeyondLimit("it takes more than $STEPS steps")
    }

    /** Counts the characters of a new text, and returns it. */
    fun text(text: String): String = text.also { characters(it.length.toLong()) }

    /** Counts [count] characters that are about to be made. */
    fun characters(count: Long) {
        characters += count
        if (characters > CHARACTERS) throw BeyondLimit("it builds texts of more than $CHARACTERS characters")
    }

    /** Counts the values of a list or dict, which may hold one list many times. */
    fun nodes(value: Any?) {
        step()
        when (value) {
            is List<*> -> value.forEach(::nodes)
            is Map<*, *> -> value.values.forEach(::nodes)
        }
    }

    /** Counts the use of a text's characters, or of a list's values. */
    fun use(value: Any?): Unit = if (value is String) characters(value.length.toLong()) else nodes(value)

    /** Counts the search for [part] in [text], whose time is that of both lengths multiplied at worst. */
    fun search(
        text: String,
        part: String,
    ): Unit = characters(text.length + text.length.toLong() * part.length / SEARCHED)

    /** Runs a macro's [body]. */
    fun <T> nested(body: () -> T): T {
        if (++depth > DEPTH) throw BeyondLimit("its macros call one another more than $DEPTH deep")
        return body().also { depth-- }
    }

    companion object {
        /** Largest template in characters. */
        const val TEMPLATE = 1 shl 18

        /** Nested brackets or blocks. */
        const val NESTED = 100
        const val ITEMS = 100_000L
        private const val STEPS = 1_000_000

        /** Characters of all texts together. */
        const val CHARACTERS = 1L shl 24
        private const val SEARCHED = 1024
        private const val DEPTH = 50
    }
}
