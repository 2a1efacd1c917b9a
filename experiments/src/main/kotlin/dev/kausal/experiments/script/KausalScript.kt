package dev.kausal.experiments.script

import kotlin.script.experimental.annotations.KotlinScript
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.compilerOptions
import kotlin.script.experimental.jvm.dependenciesFromClassContext
import kotlin.script.experimental.jvm.jvm

/**
 * What every `.kausal.kts` file is. The DSL's names arrive as default imports, which [ScriptHost] adds.
 *
 * Public because the compiled script extends it; not an API.
 */
@KotlinScript(
    displayName = "Kausal experiment",
    fileExtension = "kausal.kts",
    compilationConfiguration = KausalScriptConfiguration::class,
)
public abstract class KausalScript

/** Compiles a script for Java 17 against this program's own class path. */
public object KausalScriptConfiguration : ScriptCompilationConfiguration({
    compilerOptions.append("-jvm-target", "17")
    jvm {
        dependenciesFromClassContext(KausalScript::class, wholeClasspath = true)
    }
}) {
    private const val serialVersionUID: Long = 1L

    private fun readResolve(): Any = KausalScriptConfiguration
}
