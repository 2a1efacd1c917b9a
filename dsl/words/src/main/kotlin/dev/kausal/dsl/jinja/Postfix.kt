package dev.kausal.dsl.jinja

/** Parses what follows a value: attributes, items, slices, calls, filters and tests. */
internal class PostfixParser(
    private val at: TokenCursor,
    private val expressions: ExpressionParser,
) {
    fun applied(to: Expression): Expression {
        var value = to
        var count = 0
        while (true) {
            if (++count > MOST) throw BeyondLimit("a value has more than $MOST attributes, calls and filters")
            value = attribute(value) ?: filter(value) ?: test(value) ?: return value
        }
    }

    private fun attribute(value: Expression): Expression? =
        when {
            at.accept(".") -> named(value)
            at.accept("[") -> item(value)
            at.accept("(") -> call(value)
            else -> null
        }

    private fun named(value: Expression): Expression {
        if (at.now.kind == Kind.INTEGER) {
            val index = at.take().text.toLong()
            return Expression { scope -> Values.item(value.of(scope), index) }
        }
        val name = at.name()
        return Expression { scope ->
            scope.run.budget.step()
            Methods.attribute(value.of(scope), name)
        }
    }

    private fun item(value: Expression): Expression {
        val first = if (at.isAt(":")) null else expressions.expression()
        if (at.accept("]")) {
            return Expression { scope ->
                scope.run.budget.step()
                Values.item(value.of(scope), first!!.of(scope))
            }
        }
        at.expect(":")
        val last = if (at.isAt("]") || at.isAt(":")) null else expressions.expression()
        val step = if (at.accept(":") && !at.isAt("]")) expressions.expression() else null
        at.expect("]")
        return Expression { scope ->
            scope.run.budget.step()
            val sliced = value.of(scope)
            scope.run.budget.characters(Values.length(sliced))
            Values.slice(sliced, bound(first, scope), bound(last, scope), bound(step, scope) ?: 1)
        }
    }

    private fun bound(
        of: Expression?,
        scope: Scope,
    ): Long? =
        when (val value = of?.of(scope)) {
            null -> null
            is Long -> value
            else -> throw JinjaException("the bound of a slice is ${Values.type(value)}")
        }

    private fun call(function: Expression): Expression {
        val arguments = arguments(")")
        return Expression { scope ->
            scope.run.budget.step()
            when (val called = function.of(scope)) {
                is Callable -> called.call(arguments.of(scope))
                is Undefined -> throw JinjaException("there is no function '${called.name}'")
                else -> throw JinjaException("${Values.type(called)} cannot be called")
            }
        }
    }

    /** Expressions of the arguments of a call, after the bracket that opens it. */
    private class Given(
        val values: List<Expression>,
        val named: Map<String, Expression>,
    ) {
        fun of(
            scope: Scope,
            first: List<Any?> = emptyList(),
        ) = Arguments(scope.run, first + values.map { it.of(scope) }, named.mapValues { it.value.of(scope) })
    }

    private fun arguments(close: String): Given {
        val values = mutableListOf<Expression>()
        val named = LinkedHashMap<String, Expression>()
        while (!at.accept(close)) {
            if (at.now.kind == Kind.NAME && at.next == Token(Kind.OPERATOR, "=")) {
                val name = at.name()
                at.take()
                named[name] = expressions.expression()
            } else {
                values += expressions.expression()
            }
            if (!at.isAt(close)) at.expect(",")
        }
        return Given(values, named)
    }

    private fun filter(value: Expression): Expression? {
        if (!at.accept("|")) return null
        val name = at.name()
        val filter = Filters.named(name)
        val arguments = if (at.accept("(")) arguments(")") else Given(emptyList(), emptyMap())
        return Expression { scope ->
            val filtered = value.of(scope)
            scope.run.budget.use(filtered)
            filter(arguments.of(scope, listOf(filtered)))
        }
    }

    private fun test(value: Expression): Expression? {
        if (!at.acceptWord("is")) return null
        val negated = at.acceptWord("not")
        val name = at.name()
        val test = ValueTests.named(name)
        val arguments =
            when {
                at.accept("(") -> arguments(")")
                startsValue() -> Given(listOf(PostfixParser(at, expressions).attributes(operand())), emptyMap())
                else -> Given(emptyList(), emptyMap())
            }
        return Expression { scope ->
            scope.run.budget.step()
            test(arguments.of(scope, listOf(value.of(scope)))) != negated
        }
    }

    private fun attributes(to: Expression): Expression {
        var value = to
        while (true) value = attribute(value) ?: return value
    }

    /** Returns whether an argument without brackets follows a test's name. */
    private fun startsValue(): Boolean =
        when (at.now.kind) {
            Kind.TEXT, Kind.INTEGER, Kind.DECIMAL -> true
            Kind.NAME -> at.now.text !in AFTER_TESTS
            Kind.OPERATOR, Kind.END -> false
        }

    private fun operand(): Expression {
        val token = at.take()
        return when (token.kind) {
            Kind.TEXT -> Expression { token.text }

            Kind.NAME -> if (token.text in
                LITERALS
            ) {
                Expression { LITERALS[token.text] }
            } else {
                Expression { it[token.text] }
            }

            else -> Expression { token.text.toLongOrNull() ?: token.text.toDouble() }
        }
    }

    private companion object {
        const val MOST = 1000
        val AFTER_TESTS = setOf("and", "or", "else", "if", "is", "in", "not")
        val LITERALS = mapOf("true" to true, "false" to false, "none" to null)
    }
}
