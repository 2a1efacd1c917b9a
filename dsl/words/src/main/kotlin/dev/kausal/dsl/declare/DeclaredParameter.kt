package dev.kausal.dsl.declare

import dev.kausal.dsl.mistakes.ParameterType

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
