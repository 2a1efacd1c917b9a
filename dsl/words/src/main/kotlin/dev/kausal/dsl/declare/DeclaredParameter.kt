package dev.kausal.dsl.declare

import dev.kausal.dsl.mistakes.ParameterType

/**
 * A parameter as declared by a script.
 *
 * @property default its value without `--set`, as text
 * @property value its value in this run, as text
 * @property help its description in the script; empty if there is none
 */
public data class DeclaredParameter(
    public val name: String,
    public val type: ParameterType,
    public val default: String,
    public val value: String,
    public val help: String,
)
