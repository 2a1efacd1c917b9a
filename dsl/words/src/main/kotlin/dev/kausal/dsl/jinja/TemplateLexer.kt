package dev.kausal.dsl.jinja

/** A part of a template. */
internal sealed interface Piece {
    class Text(
        val text: String,
    ) : Piece

    class Output(
        val tokens: List<Token>,
    ) : Piece

    /** `{% name ... %}`; [tokens] follow the name. */
    class Tag(
        val name: String,
        val tokens: List<Token>,
    ) : Piece
}

/**
 * Splits a template into texts and tags. Newlines after tags and blanks before them are removed, as the library does for chat
 * templates (`trim_blocks` and `lstrip_blocks`).
 */
internal class TemplateLexer(
    source: String,
) {
    private val source = source.replace("\r\n", "\n").replace('\r', '\n').removeSuffix("\n")
    private val pieces = mutableListOf<Piece>()
    private var at = 0

    /** Whether [at] begins a line. */
    private var lineStarts = true

    fun read(): List<Piece> {
        if (source.length > Budget.TEMPLATE) throw BeyondLimit("it has more than ${Budget.TEMPLATE} characters")
        while (true) {
            val open = opening()
            if (open < 0) {
                text(source.substring(at))
                return pieces
            }
            val kind = source[open + 1]
            before(open, kind)
            if (kind == '#') comment(open) else tag(open, kind)
        }
    }

    /** Returns where the next tag begins; -1 if there is none. */
    private fun opening(): Int {
        var found = source.indexOf('{', at)
        while (found >= 0 && source.getOrNull(found + 1) !in OPENINGS) found = source.indexOf('{', found + 1)
        return found
    }

    private fun text(text: String) {
        if (text.isNotEmpty()) pieces += Piece.Text(text)
    }

    /** Adds the text before a tag, without the blanks that the tag removes. */
    private fun before(
        open: Int,
        kind: Char,
    ) {
        val text = source.substring(at, open)
        val line = text.lastIndexOf('\n') + 1
        val alone = (line > 0 || lineStarts) && text.substring(line).isBlank()
        text(
            when (source.getOrNull(open + 2)) {
                '-' -> text.trimEnd()
                '+' -> text
                else -> if (kind != '{' && alone) text.substring(0, line) else text
            },
        )
    }

    private fun comment(open: Int) {
        val end = source.indexOf("#}", open + 2)
        if (end < 0) throw JinjaException("a comment has no end, #}")
        after(end + 2, strips = source[end - 1] == '-' && end - 1 > open + 1, trims = source[end - 1] != '+')
    }

    private fun tag(
        open: Int,
        kind: Char,
    ) {
        val signed = source.getOrNull(open + 2) == '-' || source.getOrNull(open + 2) == '+'
        val close = if (kind == '{') "}}" else "%}"
        val reader = TokenReader(source, if (signed) open + 3 else open + 2, close)
        val tokens = reader.read()
        after(reader.end, reader.strips, trims = kind == '%' && !reader.keeps)
        if (kind == '{') {
            pieces += Piece.Output(tokens)
            return
        }
        val name = tokens.firstOrNull()?.takeIf { it.kind == Kind.NAME }?.text
            ?: throw JinjaException("a tag has no name")
        if (name == "raw") raw() else pieces += Piece.Tag(name, tokens.drop(1))
    }

    private fun raw() {
        val end = END_RAW.find(source, at) ?: throw JinjaException("'raw' has no end")
        text(source.substring(at, end.range.first))
        after(end.range.last + 1, strips = false, trims = true)
    }

    /** Moves behind a tag that ends at [end], and the blanks that it removes. */
    private fun after(
        end: Int,
        strips: Boolean,
        trims: Boolean,
    ) {
        at = end
        if (strips) {
            while (at < source.length && source[at].isWhitespace()) at++
        } else if (trims && source.getOrNull(at) == '\n') {
            at++
        }
        lineStarts = at > end && source[at - 1] == '\n'
    }

    private companion object {
        val OPENINGS = setOf('{', '%', '#')
        val END_RAW = Regex("\\{%[-+]?\\s*endraw\\s*[-+]?%}")
    }
}
