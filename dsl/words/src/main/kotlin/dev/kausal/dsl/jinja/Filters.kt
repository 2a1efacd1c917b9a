package dev.kausal.dsl.jinja

/** Filters, whose first argument is the filtered value. */
internal object Filters {
    fun named(name: String): (Arguments) -> Any? =
        ALL[name] ?: throw JinjaException("there is no filter '$name' for chat templates")

    private val ALL: Map<String, (Arguments) -> Any?> =
        TextFilters.ALL +
            mapOf(
                "default" to ::default,
                "d" to ::default,
                "length" to { Values.length(it.values[0]) },
                "count" to { Values.length(it.values[0]) },
                "list" to { Values.items(it.values[0]) },
                "first" to { Values.items(it.values[0]).firstOrNull() ?: Undefined("the first of none") },
                "last" to { Values.items(it.values[0]).lastOrNull() ?: Undefined("the last of none") },
                "items" to { pairs(dict(it)) },
                "dictsort" to { pairs(dict(it)).sortedBy { pair -> "${pair[0]}".lowercase() } },
                "reverse" to ::reversed,
                "sort" to ::sorted,
                "unique" to { Values.items(it.values[0]).distinctBy(Values::key) },
                "min" to { Values.items(it.values[0]).minWithOrNull(Values::compare) },
                "max" to { Values.items(it.values[0]).maxWithOrNull(Values::compare) },
                "sum" to ::sum,
                "map" to ::mapped,
                "select" to { selected(it, keeps = true) },
                "reject" to { selected(it, keeps = false) },
                "selectattr" to { selectedBy(it, keeps = true) },
                "rejectattr" to { selectedBy(it, keeps = false) },
                "int" to ::int,
                "float" to { (number(it.values[0]) ?: 0.0) },
                "abs" to ::abs,
                "round" to ::round,
                "tojson" to ::json,
            )

    private fun default(given: Arguments): Any? {
        val value = given.values[0]
        val alsoFalse = Values.isTrue(given.of(2, "boolean", false))
        val used = value is Undefined || (alsoFalse && !Values.isTrue(value))
        return if (used) given.of(1, "default_value", "") else value
    }

    private fun dict(given: Arguments): Map<*, *> =
        given.values[0] as? Map<*, *> ?: throw JinjaException("${Values.type(given.values[0])} is no dict")

    fun pairs(of: Map<*, *>): List<List<Any?>> = of.entries.map { listOf(it.key, it.value) }

    private fun reversed(given: Arguments): Any =
        (given.values[0] as? String)?.reversed() ?: Values.items(given.values[0]).reversed()

    private fun attributeOf(
        value: Any?,
        path: Any?,
    ): Any? =
        if (path is Long) {
            Values.item(value, path)
        } else {
            "$path".split('.').fold(value) { of, name ->
                Values.item(of, name)
            }
        }

    private fun sorted(given: Arguments): List<Any?> {
        val path = given.of(3, "attribute")
        val key = { value: Any? ->
            (
                if (path ==
                    null
                ) {
                    value
                } else {
                    attributeOf(value, path)
                }
            ).let { if (it is String) it.lowercase() else it }
        }
        val all = Values.items(given.values[0]).sortedWith { a, b -> Values.compare(key(a), key(b)) }
        return if (Values.isTrue(given.of(1, "reverse", false))) all.reversed() else all
    }

    private fun sum(given: Arguments): Any? {
        val path = given.of(1, "attribute")
        val add = Arithmetic.of("+")
        return Values.items(given.values[0])
            .map { if (path == null) it else attributeOf(it, path) }
            .fold(0L as Any?) { a, b -> add(given.run, a, b) }
    }

    private fun mapped(given: Arguments): List<Any?> {
        val items = Values.items(given.values[0])
        val path = given.named["attribute"]
        if (path != null) {
            return items.map { item ->
                attributeOf(item, path).let {
                    if (it is Undefined &&
                        "default" in given.named
                    ) {
                        given.named["default"]
                    } else {
                        it
                    }
                }
            }
        }
        val filter = named(given.text(1, "filter"))
        return items.map { filter(Arguments(given.run, listOf(it) + given.values.drop(2), given.named)) }
    }

    private fun selected(
        given: Arguments,
        keeps: Boolean,
    ): List<Any?> {
        val name =
            given.values.getOrNull(1) ?: return Values.items(given.values[0]).filter { Values.isTrue(it) == keeps }
        val test = ValueTests.named("$name")
        return Values.items(given.values[0]).filter {
            test(Arguments(given.run, listOf(it) + given.values.drop(2))) ==
                keeps
        }
    }

    private fun selectedBy(
        given: Arguments,
        keeps: Boolean,
    ): List<Any?> {
        val path = given.of(1, "attribute")
        val name = given.values.getOrNull(2)
        val test = name?.let { ValueTests.named("$it") } ?: { Values.isTrue(it.values[0]) }
        return Values.items(given.values[0]).filter {
            test(Arguments(given.run, listOf(attributeOf(it, path)) + given.values.drop(3))) == keeps
        }
    }

    private fun number(value: Any?): Double? =
        when (value) {
            is Number -> value.toDouble()
            is Boolean -> if (value) 1.0 else 0.0
            is String -> value.trim().toDoubleOrNull()
            else -> null
        }

    private fun int(given: Arguments): Any? =
        when (val value = given.values[0]) {
            is Long -> value

            is String -> value.trim().toLongOrNull() ?: value.trim().toDoubleOrNull()?.toLong()
                ?: given.of(1, "default", 0L)

            else -> number(value)?.toLong() ?: given.of(1, "default", 0L)
        }

    private fun abs(given: Arguments): Any =
        when (val value = given.values[0]) {
            is Long -> Math.absExact(value)
            is Double -> kotlin.math.abs(value)
            else -> throw JinjaException("${Values.type(value)} has no size")
        }

    private fun round(given: Arguments): Any {
        val value = number(given.values[0]) ?: throw JinjaException("${Values.type(given.values[0])} is no number")
        val digits = given.number(1, "precision", 0).coerceIn(-MOST_DIGITS, MOST_DIGITS)
        return java.math.BigDecimal(value).setScale(digits.toInt(), java.math.RoundingMode.HALF_EVEN).toDouble()
    }

    private fun json(given: Arguments): String {
        val indent = given.of(2, "indent") as? Long ?: given.named["indent"] as? Long
        val ascii = Values.isTrue(given.named["ensure_ascii"] ?: false)
        val sorted = Values.isTrue(given.named["sort_keys"] ?: false)
        return given.run.budget.text(
            JsonText(indent?.coerceIn(0, MOST_DIGITS)?.toInt(), ascii, sorted).of(given.values[0]),
        )
    }

    private const val MOST_DIGITS = 20L
}
