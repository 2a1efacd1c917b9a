package dev.kausal.dsl.jinja

/** Parses a template's tags into statements. */
internal class TemplateParser(
    private val pieces: List<Piece>,
) {
    private var at = 0
    private var depth = 0

    fun template(): Body {
        val body = body(emptySet())
        if (at < pieces.size) throw JinjaException("'${(pieces[at] as Piece.Tag).name}' ends nothing")
        return body
    }

    /** Parses up to a tag of [ends], or the end of the template if there are none. */
    private fun body(ends: Set<String>): Body {
        if (++depth > Budget.NESTED) throw BeyondLimit("its blocks nest more than ${Budget.NESTED} deep")
        val statements = mutableListOf<Statement>()
        while (at < pieces.size) {
            val piece = pieces[at]
            if (piece is Piece.Tag && (piece.name in ends || piece.name in ENDS)) break
            at++
            statements +=
                when (piece) {
                    is Piece.Text -> Statement { scope, out -> out.append(scope.run.budget.text(piece.text)) }
                    is Piece.Output -> OutputOf(whole(piece.tokens, "an output"))
                    is Piece.Tag -> statement(piece)
                }
        }
        depth--
        return Body(statements)
    }

    private fun statement(tag: Piece.Tag): Statement {
        val cursor = TokenCursor(tag.tokens)
        return when (tag.name) {
            "if" -> choice(tag.tokens)
            "for" -> loop(cursor)
            "set" -> assignment(cursor)
            "macro" -> macro(cursor)
            "break", "continue" -> Statement { _, _ -> throw LoopControl(tag.name == "break") }
            "generation" -> enclosed("endgeneration")
            "filter" -> filtered(tag.tokens)
            else -> throw JinjaException("the tag '${tag.name}' is not supported in chat templates")
        }
    }

    private fun whole(
        tokens: List<Token>,
        tag: String,
    ): Expression {
        val cursor = TokenCursor(tokens)
        return ExpressionParser(cursor).tuple().also { cursor.end(tag) }
    }

    /** Takes and returns the tag that ends a body. */
    private fun end(names: Set<String>): Piece.Tag {
        val tag = pieces.getOrNull(at) as? Piece.Tag
        if (tag == null ||
            tag.name !in names
        ) {
            throw JinjaException("a block lacks its end, ${names.joinToString(" or ")}")
        }
        at++
        return tag
    }

    private fun enclosed(end: String): Body = body(setOf(end)).also { end(setOf(end)) }

    private fun choice(first: List<Token>): Statement {
        val branches = mutableListOf<Pair<Expression, Body>>()
        var condition = first
        while (true) {
            branches += whole(condition, "if") to body(IF_ENDS)
            val tag = end(IF_ENDS)
            when (tag.name) {
                "elif" -> condition = tag.tokens
                "else" -> return Choice(branches, enclosed("endif"))
                else -> return Choice(branches, Body(emptyList()))
            }
        }
    }

    private fun names(cursor: TokenCursor): List<String> {
        val bracket = cursor.accept("(")
        val names = mutableListOf(cursor.name())
        while (cursor.accept(",")) names += cursor.name()
        if (bracket) cursor.expect(")")
        return names
    }

    private fun loop(cursor: TokenCursor): Statement {
        val targets = Targets(names(cursor))
        cursor.expectWord("in")
        val expressions = ExpressionParser(cursor)
        // A condition follows the list, so that "if" is not that of a conditional value.
        val over = expressions.or()
        val condition = if (cursor.acceptWord("if")) expressions.expression() else null
        cursor.end("for")
        val body = body(FOR_ENDS)
        val otherwise = if (end(FOR_ENDS).name == "else") enclosed("endfor") else Body(emptyList())
        return Loop(targets, over, condition, body, otherwise)
    }

    private fun assignment(cursor: TokenCursor): Statement {
        val names = names(cursor)
        if (names.size == 1 && cursor.accept(".")) return attribute(names[0], cursor)
        val targets = Targets(names)
        if (cursor.atEnd) {
            val body = enclosed("endset")
            return Statement { scope, _ -> targets.set(scope, body.text(scope)) }
        }
        cursor.expect("=")
        val value = ExpressionParser(cursor).tuple()
        cursor.end("set")
        return Statement { scope, _ -> targets.set(scope, value.of(scope)) }
    }

    private fun attribute(
        name: String,
        cursor: TokenCursor,
    ): Statement {
        val attribute = cursor.name()
        cursor.expect("=")
        val value = ExpressionParser(cursor).tuple()
        cursor.end("set")
        return Statement { scope, _ ->
            val of =
                scope[name] as? Namespace ?: throw JinjaException("'$name' is not a namespace, so nothing is set in it")
            of.values[attribute] = value.of(scope)
        }
    }

    private fun macro(cursor: TokenCursor): Statement {
        val name = cursor.name()
        val parameters = mutableListOf<Pair<String, Expression?>>()
        cursor.expect("(")
        while (!cursor.accept(")")) {
            val parameter = cursor.name()
            parameters += parameter to if (cursor.accept("=")) ExpressionParser(cursor).expression() else null
            if (!cursor.isAt(")")) cursor.expect(",")
        }
        cursor.end("macro")
        return Macro(name, parameters, enclosed("endmacro"))
    }

    private fun filtered(tokens: List<Token>): Statement {
        val body = enclosed("endfilter")
        val value = "the text of the block"
        val piped = listOf(Token(Kind.NAME, value), Token(Kind.OPERATOR, "|")) + tokens
        val filter = whole(piped, "filter")
        return Statement { scope, out ->
            val inner = scope.inner().also { it[value] = body.text(scope) }
            out.append(Values.text(filter.of(inner)))
        }
    }

    private companion object {
        val IF_ENDS = setOf("elif", "else", "endif")
        val FOR_ENDS = setOf("else", "endfor")
        val ENDS = IF_ENDS + FOR_ENDS + setOf("endset", "endmacro", "endgeneration", "endfilter")
    }
}

/** A parsed template. */
internal class Template private constructor(
    private val body: Body,
) {
    /** Returns its text with [variables]; throws [JinjaException]. */
    fun render(variables: Map<String, Any?>): String {
        val scope = Scope(Rendering())
        variables.forEach { (name, value) -> scope[name] = value }
        return try {
            body.text(scope)
        } catch (_: StackOverflowError) {
            throw BeyondLimit("it nests too deep")
        } catch (_: LoopControl) {
            throw JinjaException("'break' or 'continue' outside of a loop")
        }
    }

    companion object {
        /** Parses [source]; throws [JinjaException]. */
        fun of(source: String): Template =
            try {
                Template(TemplateParser(TemplateLexer(source).read()).template())
            } catch (_: StackOverflowError) {
                throw BeyondLimit("it nests too deep")
            }
    }
}
