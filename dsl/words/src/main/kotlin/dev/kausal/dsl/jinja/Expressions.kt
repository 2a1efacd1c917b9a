package dev.kausal.dsl.jinja

/** An expression, which has a value in a scope. */
internal fun interface Expression {
    fun of(scope: Scope): Any?
}

/** Parses expressions of Jinja's language. */
internal class ExpressionParser(
    private val at: TokenCursor,
) {
    private var depth = 0

    fun expression(): Expression {
        if (++depth > Budget.NESTED) throw BeyondLimit("an expression nests more than ${Budget.NESTED} deep")
        return conditional().also { depth-- }
    }

    /** Parses values separated by commas: a tuple, or the only one. */
    fun tuple(): Expression {
        val first = expression()
        if (!at.isAt(",")) return first
        val all = mutableListOf(first)
        while (at.accept(",") && !at.atEnd) all += expression()
        return Expression { scope -> all.map { it.of(scope) }.also(scope.run.budget::nodes) }
    }

    private fun conditional(): Expression {
        val value = or()
        if (!at.acceptWord("if")) return value
        val condition = or()
        val other = if (at.acceptWord("else")) conditional() else Expression { Undefined("the value without else") }
        return Expression { scope -> (if (Values.isTrue(condition.of(scope))) value else other).of(scope) }
    }

    fun or(): Expression {
        var left = and()
        while (at.acceptWord("or")) {
            val first = left
            val second = and()
            left = Expression { scope -> first.of(scope).let { if (Values.isTrue(it)) it else second.of(scope) } }
        }
        return left
    }

    private fun and(): Expression {
        var left = not()
        while (at.acceptWord("and")) {
            val first = left
            val second = not()
            left = Expression { scope -> first.of(scope).let { if (Values.isTrue(it)) second.of(scope) else it } }
        }
        return left
    }

    private fun not(): Expression {
        if (!at.acceptWord("not")) return comparison()
        val value = not()
        return Expression { scope -> !Values.isTrue(value.of(scope)) }
    }

    private fun comparison(): Expression {
        val first = sum()
        val rest = mutableListOf<Pair<(Any?, Any?) -> Boolean, Expression>>()
        while (true) {
            val compare = comparator() ?: break
            rest += compare to sum()
        }
        if (rest.isEmpty()) return first
        return Expression { scope ->
            scope.run.budget.step()
            var left = first.of(scope)
            rest.all { (holds, of) ->
                val right = of.of(scope)
                compared(scope.run.budget, left, right)
                holds(left, right).also { left = right }
            }
        }
    }

    private fun compared(
        budget: Budget,
        left: Any?,
        right: Any?,
    ) {
        if (left is String && right is String) {
            budget.search(right, left)
        } else {
            budget.nodes(left)
            budget.nodes(right)
        }
    }

    private fun comparator(): ((Any?, Any?) -> Boolean)? {
        if (at.acceptWord("in")) return { a, b -> Values.contains(b, a) }
        if (at.isWord("not") && at.next == Token(Kind.NAME, "in")) {
            at.take()
            at.take()
            return { a, b -> !Values.contains(b, a) }
        }
        val found = COMPARISONS.keys.firstOrNull { at.accept(it) } ?: return null
        return COMPARISONS.getValue(found)
    }

    private fun sum(): Expression = chain(listOf("+", "-")) { chain(listOf("~")) { product() } }

    private fun product(): Expression = chain(listOf("*", "//", "/", "%")) { power() }

    private fun power(): Expression = chain(listOf("**")) { unary() }

    private fun chain(
        operators: List<String>,
        part: () -> Expression,
    ): Expression {
        var left = part()
        while (true) {
            val operator = operators.firstOrNull { at.accept(it) } ?: return left
            val operation = Arithmetic.of(operator)
            val first = left
            val second = part()
            left = Expression { scope ->
                scope.run.budget.step()
                operation(scope.run, defined(first.of(scope)), defined(second.of(scope)))
            }
        }
    }

    private fun defined(value: Any?): Any? =
        if (value is Undefined) throw JinjaException("'${value.name}' is undefined") else value

    private fun unary(): Expression {
        if (at.accept("-")) return unary().let { value -> Expression { Arithmetic.negative(value.of(it)) } }
        if (at.accept("+")) return unary()
        return PostfixParser(at, this).applied(Primaries(at, this).primary())
    }

    private companion object {
        val COMPARISONS: Map<String, (Any?, Any?) -> Boolean> =
            mapOf(
                "==" to Values::equal,
                "!=" to { a, b -> !Values.equal(a, b) },
                "<=" to { a, b -> Values.compare(a, b) <= 0 },
                ">=" to { a, b -> Values.compare(a, b) >= 0 },
                "<" to { a, b -> Values.compare(a, b) < 0 },
                ">" to { a, b -> Values.compare(a, b) > 0 },
            )
    }
}

/** Parses literals, names, and what stands in brackets. */
private class Primaries(
    private val at: TokenCursor,
    private val expressions: ExpressionParser,
) {
    fun primary(): Expression {
        val token = at.now
        return when (token.kind) {
            Kind.TEXT -> text()
            Kind.INTEGER -> constant(whole(at.take().text))
            Kind.DECIMAL -> constant(at.take().text.toDouble())
            Kind.NAME -> name()
            Kind.OPERATOR, Kind.END -> bracketed()
        }
    }

    private fun whole(text: String): Long =
        text.toLongOrNull() ?: throw JinjaException("the number $text is too large")

    private fun constant(value: Any?) = Expression { value }

    private fun text(): Expression {
        val all = StringBuilder()
        while (at.now.kind == Kind.TEXT) all.append(at.take().text)
        return constant(all.toString())
    }

    private fun name(): Expression {
        val name = at.take().text
        if (name.lowercase() in CONSTANTS && (name.first().isLowerCase() || name in PYTHON)) {
            return constant(CONSTANTS.getValue(name.lowercase()))
        }
        return Expression { scope ->
            scope.run.budget.step()
            scope[name]
        }
    }

    private fun bracketed(): Expression =
        when {
            at.accept("(") -> parenthesised()
            at.accept("[") -> list(listed("]"))
            at.accept("{") -> dict()
            else -> throw JinjaException("a value was expected, but found '${at.now.text}'")
        }

    private fun parenthesised(): Expression {
        if (at.accept(")")) return constant(emptyList<Any?>())
        val first = expressions.expression()
        if (at.accept(")")) return first
        at.expect(",")
        val all = listOf(first) + listed(")")
        return list(all)
    }

    private fun list(all: List<Expression>) =
        Expression { scope -> all.map { it.of(scope) }.also(scope.run.budget::nodes) }

    private fun listed(close: String): List<Expression> {
        val all = mutableListOf<Expression>()
        while (!at.accept(close)) {
            all += expressions.expression()
            if (!at.isAt(close)) at.expect(",")
        }
        return all
    }

    private fun dict(): Expression {
        val all = mutableListOf<Pair<Expression, Expression>>()
        while (!at.accept("}")) {
            val key = expressions.expression()
            at.expect(":")
            all += key to expressions.expression()
            if (!at.isAt("}")) at.expect(",")
        }
        return Expression { scope ->
            all.associate { (key, value) -> Values.key(key.of(scope)) to value.of(scope) }.also(scope.run.budget::nodes)
        }
    }

    private companion object {
        val CONSTANTS = mapOf("true" to true, "false" to false, "none" to null)
        val PYTHON = setOf("True", "False", "None")
    }
}
