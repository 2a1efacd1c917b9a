package dev.kausal.dsl.host

/** A word, text or sign of a script; for a text, [text] is its opening quotation mark. */
internal class KotlinToken(
    val text: String,
    val line: Int,
) {
    val isWord: Boolean get() = text[0].isLetter() || text[0] == '_'
}

/** Splits Kotlin into tokens, without comments and the contents of texts. */
internal class KotlinTokens private constructor(
    private val script: String,
) {
    private val tokens = mutableListOf<KotlinToken>()
    private var at = 0
    private var line = 1

    private fun rest(start: String) = script.startsWith(start, at)

    private fun step(count: Int = 1) {
        repeat(count) { if (at < script.length && script[at++] == '\n') line++ }
    }

    private inline fun stepWhile(holds: (Char) -> Boolean) {
        while (at < script.length && holds(script[at])) step()
    }

    private fun token() {
        val begin = at
        val from = line
        when {
            rest("//") -> {
                stepWhile { it != '\n' }
            }

            rest("/*") -> {
                comment()
            }

            rest("\"") -> {
                add("\"", from).also { text() }
            }

            rest("'") -> {
                add("'", from).also { character() }
            }

            script[at].isLetter() || script[at] == '_' -> {
                stepWhile { it.isLetterOrDigit() || it == '_' }
                add(script.substring(begin, at), from)
            }

            script[at].isWhitespace() -> {
                step()
            }

            else -> {
                step().also { add(script.substring(begin, at), from) }
            }
        }
    }

    private fun add(
        text: String,
        from: Int,
    ) {
        tokens += KotlinToken(text, from)
    }

    /** Skips a comment; Kotlin's comments nest. */
    private fun comment() {
        var depth = 0
        do {
            if (rest("/*")) {
                depth++.also { step(2) }
            } else if (rest("*/")) {
                depth--.also { step(2) }
            } else {
                step()
            }
        } while (depth > 0 && at < script.length)
    }

    private fun character() {
        step()
        while (at < script.length && script[at] != '\'' && script[at] != '\n') step(if (script[at] == '\\') 2 else 1)
        step()
    }

    private fun text() {
        if (rest(RAW)) {
            step(RAW.length)
            while (at < script.length && !rest(RAW)) part()
            // A raw text may end with quotation marks that belong to it.
            while (rest("\"")) step()
            return
        }
        step()
        while (at < script.length && script[at] != '"' && script[at] != '\n') {
            if (script[at] == '\\') step(2) else part()
        }
        step()
    }

    /** Skips a character of a text, or a template with all of its tokens. */
    private fun part() {
        if (!rest("\${")) return step()
        step()
        val kept = tokens.size
        var depth = 0
        do {
            if (rest("{")) depth++
            if (rest("}")) depth--
            token()
        } while (depth > 0 && at < script.length)
        while (tokens.size > kept) tokens.removeLast()
    }

    companion object {
        private const val RAW = "\"\"\""

        /** Returns the tokens of [script]. */
        fun of(script: String): List<KotlinToken> =
            KotlinTokens(script).run {
                while (at < script.length) token()
                tokens
            }
    }
}
