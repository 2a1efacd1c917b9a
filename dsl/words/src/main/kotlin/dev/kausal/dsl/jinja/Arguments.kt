package dev.kausal.dsl.jinja

/** The value of a name that nothing defines. */
internal class Undefined(
    val name: String,
)

/** Something that a template can call. */
internal fun interface Callable {
    fun call(arguments: Arguments): Any?
}

/** The arguments of a call. */
internal class Arguments(
    val run: Rendering,
    val values: List<Any?>,
    val named: Map<String, Any?> = emptyMap(),
) {
    /** Returns the argument at [index] or called [name]; [default] if it is not given. */
    fun of(
        index: Int,
        name: String,
        default: Any? = null,
    ): Any? = if (index < values.size) {
        values[index]
    } else if (name in named) {
        named[name]
    } else {
        default
    }

    fun text(
        index: Int,
        name: String,
    ): String = of(index, name) as? String ?: throw JinjaException("the argument $name must be a text")

    fun number(
        index: Int,
        name: String,
        default: Long? = null,
    ): Long = of(index, name, default) as? Long ?: throw JinjaException("the argument $name must be a whole number")
}

/** The object of `namespace(...)`, whose attributes can be set. */
internal class Namespace(
    val values: MutableMap<String, Any?>,
)
