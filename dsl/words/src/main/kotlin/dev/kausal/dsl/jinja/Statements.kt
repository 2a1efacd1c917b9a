package dev.kausal.dsl.jinja

/** A part of a template that writes text. */
internal fun interface Statement {
    fun write(
        scope: Scope,
        out: StringBuilder,
    )
}

/** Several statements, one after another. */
internal class Body(
    private val statements: List<Statement>,
) : Statement {
    override fun write(
        scope: Scope,
        out: StringBuilder,
    ) = statements.forEach {
        scope.run.budget.step()
        it.write(scope, out)
    }

    /** Returns the text that it writes. */
    fun text(scope: Scope): String = StringBuilder().also { write(scope, it) }.toString()
}

/** The text of an expression's value. */
internal class OutputOf(
    private val value: Expression,
) : Statement {
    override fun write(
        scope: Scope,
        out: StringBuilder,
    ) {
        out.append(scope.run.budget.text(Values.text(value.of(scope))))
    }
}

/** `{% if %}`, with one condition for each body but the last. */
internal class Choice(
    private val branches: List<Pair<Expression, Body>>,
    private val otherwise: Body,
) : Statement {
    override fun write(
        scope: Scope,
        out: StringBuilder,
    ) = (branches.firstOrNull { Values.isTrue(it.first.of(scope)) }?.second ?: otherwise).write(scope, out)
}

/** Sets names to a value: one, or the elements of a list. */
internal class Targets(
    private val names: List<String>,
) {
    fun set(
        scope: Scope,
        value: Any?,
    ) {
        if (names.size == 1) {
            scope[names[0]] = value
            return
        }
        val parts = Values.items(value)
        if (parts.size != names.size) {
            throw JinjaException("${parts.size} values cannot be given to ${names.size} names")
        }
        names.zip(parts).forEach { (name, part) -> scope[name] = part }
    }
}

/** `{% for %}`. */
internal class Loop(
    private val targets: Targets,
    private val over: Expression,
    private val condition: Expression?,
    private val body: Body,
    private val otherwise: Body,
) : Statement {
    override fun write(
        scope: Scope,
        out: StringBuilder,
    ) {
        val items = Values.items(over.of(scope)).filter { item ->
            condition == null || Values.isTrue(condition.of(scope.inner().also { targets.set(it, item) }))
        }
        if (items.isEmpty()) {
            otherwise.write(scope, out)
            return
        }
        for (index in items.indices) {
            scope.run.budget.step()
            val inner = scope.inner()
            targets.set(inner, items[index])
            inner["loop"] = position(items, index)
            try {
                body.write(inner, out)
            } catch (control: LoopControl) {
                if (control.ends) return
            }
        }
    }

    private fun position(
        items: List<Any?>,
        index: Int,
    ): Map<String, Any?> =
        buildMap {
            put("index", index + 1L)
            put("index0", index.toLong())
            put("revindex", (items.size - index).toLong())
            put("revindex0", items.size - index - 1L)
            put("first", index == 0)
            put("last", index == items.lastIndex)
            put("length", items.size.toLong())
            if (index > 0) put("previtem", items[index - 1])
            if (index < items.lastIndex) put("nextitem", items[index + 1])
            put("cycle", Callable { given -> given.values[index % given.values.size] })
        }
}

/** `{% macro %}`: a function whose value is the text of its body. */
internal class Macro(
    private val name: String,
    private val parameters: List<Pair<String, Expression?>>,
    private val body: Body,
) : Statement {
    override fun write(
        scope: Scope,
        out: StringBuilder,
    ) {
        scope[name] = Callable { given -> call(scope, given) }
    }

    private fun call(
        scope: Scope,
        given: Arguments,
    ): String {
        val inner = scope.inner()
        parameters.forEachIndexed { index, (name, default) ->
            inner[name] = given.of(index, name, default?.of(inner) ?: Undefined(name))
        }
        return scope.run.budget.nested { body.text(inner) }
    }
}
