package dev.kausal.dsl.jinja

/** Tests, as in `is defined`, whose first argument is the tested value. */
internal object ValueTests {
    fun named(name: String): (Arguments) -> Boolean =
        OF_VALUE[name]?.let { holds -> { given -> holds(given.values[0]) } }
            ?: WITH_ARGUMENT[name]
            ?: throw JinjaException("there is no test '$name' for chat templates")

    private val OF_VALUE: Map<String, (Any?) -> Boolean> =
        mapOf(
            "defined" to { it !is Undefined },
            "undefined" to { it is Undefined },
            "none" to { it == null },
            "string" to { it is String },
            "number" to { it is Number || it is Boolean },
            "integer" to { it is Long },
            "float" to { it is Double },
            "boolean" to { it is Boolean },
            "true" to { it == true },
            "false" to { it == false },
            "mapping" to { it is Map<*, *> },
            "sequence" to ::isSequence,
            "iterable" to { isSequence(it) || it is Undefined },
            "callable" to { it is Callable },
            "odd" to { whole(it).mod(2L) == 1L },
            "even" to { whole(it).mod(2L) == 0L },
            "lower" to { Values.text(it).let { of -> of == of.lowercase() } },
            "upper" to { Values.text(it).let { of -> of == of.uppercase() } },
        )

    private val WITH_ARGUMENT: Map<String, (Arguments) -> Boolean> =
        buildMap {
            put("in") { Values.contains(it.of(1, "seq"), it.values[0]) }
            put("divisibleby") { it.number(1, "num").let { by -> by != 0L && it.number(0, "value") % by == 0L } }
            for (name in listOf("equalto", "eq", "==", "sameas")) {
                put(name) {
                    Values.equal(it.values[0], it.of(1, "other"))
                }
            }
            for (name in listOf("ne", "!=")) put(name) { !Values.equal(it.values[0], it.of(1, "other")) }
            for (name in listOf("lt", "lessthan", "<")) put(name) { order(it) < 0 }
            for (name in listOf("le", "<=")) put(name) { order(it) <= 0 }
            for (name in listOf("gt", "greaterthan", ">")) put(name) { order(it) > 0 }
            for (name in listOf("ge", ">=")) put(name) { order(it) >= 0 }
        }

    private fun isSequence(value: Any?) = value is List<*> || value is String || value is Map<*, *>

    private fun whole(value: Any?): Long =
        value as? Long ?: throw JinjaException("${Values.type(value)} is no whole number")

    private fun order(given: Arguments): Int = Values.compare(given.values[0], given.of(1, "other"))
}
