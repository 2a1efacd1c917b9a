package dev.kausal.dsl.jinja

/** One rendering of a template: what it has used, and what it wrote. */
internal class Rendering {
    val budget = Budget()
}

/** Names and their values; a name that is not set here is looked up in [parent]. */
internal class Scope(
    val run: Rendering,
    private val parent: Scope? = null,
) {
    private val values = HashMap<String, Any?>()

    operator fun get(name: String): Any? =
        when {
            name in values -> values[name]
            parent != null -> parent[name]
            else -> Globals.ALL[name] ?: Undefined(name)
        }

    operator fun set(
        name: String,
        value: Any?,
    ) {
        values[name] = value
    }

    fun inner(): Scope = Scope(run, this)
}

/** Functions that every template can call. There is no clock: a template must give the same text on every day. */
internal object Globals {
    val ALL: Map<String, Callable> =
        mapOf(
            "raise_exception" to Callable { throw RaisedByTemplate(Values.text(it.of(0, "message", ""))) },
            "namespace" to Callable { given -> Namespace(LinkedHashMap(pairs(given))) },
            "dict" to Callable { given -> pairs(given) },
            "range" to Callable(::range),
        )

    private fun pairs(given: Arguments): Map<String, Any?> {
        val first = (given.values.firstOrNull() as? Map<*, *>).orEmpty().mapKeys { "${it.key}" }
        return (first + given.named).also(given.run.budget::nodes)
    }

    private fun range(given: Arguments): List<Long> {
        val one = given.values.size == 1
        val from = if (one) 0 else given.number(0, "start")
        val to = given.number(if (one) 0 else 1, "stop")
        val step = given.number(2, "step", 1)
        if (step == 0L) throw JinjaException("the step of a range is 0")
        val count = if (step > 0) (to - from + step - 1) / step else (from - to - step - 1) / -step
        if (count > Budget.ITEMS) throw BeyondLimit("a range has $count numbers")
        given.run.budget.characters(count.coerceAtLeast(0))
        return List(count.coerceAtLeast(0).toInt()) { from + it * step }
    }
}
