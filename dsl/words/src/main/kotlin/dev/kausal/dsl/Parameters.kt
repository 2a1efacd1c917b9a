package dev.kausal.dsl

import dev.kausal.dsl.declare.DeclaredParameter
import dev.kausal.dsl.declare.Recorder
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ParameterType
import kotlin.reflect.KProperty

/** A parameter set by `--set NAME=VALUE`, named by its property (`val k by parameter(5)`). */
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
