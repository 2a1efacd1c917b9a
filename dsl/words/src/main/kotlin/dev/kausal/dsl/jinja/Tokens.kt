package dev.kausal.dsl.jinja

/** Kind of a token of an expression. */
internal enum class Kind { NAME, TEXT, INTEGER, DECIMAL, OPERATOR, END }

/** A token of an expression; [text] of a literal is its value. */
internal data class Token(
    val kind: Kind,
    val text: String,
)

/** Reads the tokens between a tag's delimiters. */
internal class TokenReader(
    private val source: String,
    private var at: Int,
    private val close: String,
) {
    /** Position after the closing delimiter. */
    var end = 0
        private set

    /** Whether the delimiter has a minus sign, which removes all blanks after it. */
    var strips = false
        private set

    /** Whether it has a plus sign, which keeps the newline after it. */
    var keeps = false
        private set

    private val tokens = mutableListOf<Token>()
    private val brackets = ArrayDeque<Char>()

    fun read(): List<Token> {
        while (true) {
            while (at < source.length && source[at].isWhitespace()) at++
            if (at >= source.length) throw JinjaException("a tag lacks its end, $close")
            if (brackets.isEmpty() && closes()) return tokens
            one()
        }
    }

    private fun closes(): Boolean {
        val signed = source[at] == '-' || source[at] == '+'
        val from = if (signed && source.startsWith(close, at + 1)) at + 1 else at
        if (!source.startsWith(close, from)) return false
        strips = from > at && source[at] == '-'
        keeps = from > at && source[at] == '+'
        end = from + close.length
        return true
    }

    private fun one() {
        val c = source[at]
        when {
            c == '"' || c == '\'' -> tokens += Token(Kind.TEXT, literal(c))
            c.isDigit() -> number()
            c.isLetter() || c == '_' -> tokens += Token(Kind.NAME, taken { it.isLetterOrDigit() || it == '_' })
            else -> operator()
        }
    }

    private fun taken(of: (Char) -> Boolean): String {
        val start = at
        while (at < source.length && of(source[at])) at++
        return source.substring(start, at)
    }

    private fun number() {
        val whole = taken { it.isDigit() || it == '_' }.replace("_", "")
        val decimal = at + 1 < source.length && source[at] == '.' && source[at + 1].isDigit()
        if (!decimal) {
            tokens += Token(Kind.INTEGER, whole)
            return
        }
        at++
        tokens += Token(Kind.DECIMAL, "$whole.${taken { it.isDigit() }}")
    }

    private fun operator() {
        val found = OPERATORS.firstOrNull { source.startsWith(it, at) }
            ?: throw JinjaException("the character '${source[at]}' is no part of an expression")
        at += found.length
        tokens += Token(Kind.OPERATOR, found)
        val sign = found.singleOrNull() ?: return
        if (sign in "([{") brackets += sign
        if (sign in ")]}" && brackets.removeLastOrNull() == null) throw JinjaException("'$sign' closes nothing")
        if (brackets.size > Budget.NESTED) throw BeyondLimit("it nests more than ${Budget.NESTED} brackets")
    }

    /** Returns the value of a text in quotes, with Python's escapes. */
    private fun literal(quote: Char): String {
        val text = StringBuilder()
        at++
        while (at < source.length && source[at] != quote) {
            if (source[at] == '\\' && at + 1 < source.length) {
                at++
                text.append(escaped())
            } else {
                text.append(source[at++])
            }
        }
        if (at >= source.length) throw JinjaException("a text in quotes has no end")
        at++
        return text.toString()
    }

    private fun escaped(): String {
        val c = source[at++]
        val digits = when (c) {
            'x' -> 2
            'u' -> 4
            else -> return ESCAPES[c] ?: "\\$c"
        }
        val code = source.substring(at, minOf(at + digits, source.length)).toIntOrNull(radix = 16)
            ?: throw JinjaException("\\$c needs $digits hexadecimal digits")
        at += digits
        return code.toChar().toString()
    }

    private companion object {
        val OPERATORS =
            listOf("**", "//", "==", "!=", "<=", ">=") + "+-*/%~<>=.,:|()[]{}".map { "$it" }
        val ESCAPES =
            mapOf(
                'n' to "\n",
                't' to "\t",
                'r' to "\r",
                'b' to "\b",
                'f' to "\u000c",
                '\\' to "\\",
                '\'' to "'",
                '"' to "\"",
                '\n' to "",
            )
    }
}

/** A position in a tag's tokens. */
internal class TokenCursor(
    private val tokens: List<Token>,
) {
    private var at = 0

    val now: Token get() = tokens.getOrElse(at) { END }
    val next: Token get() = tokens.getOrElse(at + 1) { END }
    val atEnd: Boolean get() = at >= tokens.size

    fun take(): Token = now.also { at++ }

    /** Returns whether the operator [text] is next. */
    fun isAt(text: String): Boolean = now.kind == Kind.OPERATOR && now.text == text

    /** Returns whether the word [name] is next. */
    fun isWord(name: String): Boolean = now.kind == Kind.NAME && now.text == name

    /** Takes the operator [text] if it is next. */
    fun accept(text: String): Boolean = isAt(text).also { if (it) at++ }

    fun acceptWord(name: String): Boolean = isWord(name).also { if (it) at++ }

    fun expect(text: String) {
        if (!accept(text)) throw JinjaException("'$text' was expected, but found ${shown(now)}")
    }

    fun expectWord(name: String) {
        if (!acceptWord(name)) throw JinjaException("'$name' was expected, but found ${shown(now)}")
    }

    fun name(): String {
        if (now.kind != Kind.NAME) throw JinjaException("a name was expected, but found ${shown(now)}")
        return take().text
    }

    fun end(tag: String) {
        if (!atEnd) throw JinjaException("the end of '$tag' was expected, but found ${shown(now)}")
    }

    private fun shown(token: Token) = if (token.kind == Kind.END) "the end of the tag" else "'${token.text}'"

    private companion object {
        val END = Token(Kind.END, "")
    }
}
