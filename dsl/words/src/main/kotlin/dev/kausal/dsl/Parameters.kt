package dev.kausal.dsl

import kotlin.reflect.KProperty

/**
 * A parameter as a script declares it.
 *
 * @property default its value without `--set`, as text
 * @property value its value in this run, as text
 * @property help what it is for, in the script's words; empty where the script says nothing
 */
public data class DeclaredParameter(
    public val name: String,
    public val type: ParameterType,
    public val default: String,
    public val value: String,
    public val help: String,
)

/** A parameter that takes its value from `--set NAME=VALUE`, its name being the property's (`val k by parameter(5)`). */
public class Parameter<T : Any> internal constructor(
    private val default: T,
    private val type: ParameterType,
    private val help: String,
    private val parse: (String) -> T?,
    private val record: Recorder,
) {
    /** Called by the compiler for `by`. */
    public operator fun provideDelegate(
        thisRef: Any?,
        property: KProperty<*>,
    ): Declared<T> {
        val text = record.context.settings[property.name]
        val value = if (text == null) default else parse(text)
        if (value == null) {
            record.mistakes += Mistake.SettingType(ScriptLines.line(), property.name, text.orEmpty(), type)
        }
        val used = value ?: default
        record.parameters += DeclaredParameter(property.name, type, "$default", "$used", help)
        return Declared(used)
    }
}
