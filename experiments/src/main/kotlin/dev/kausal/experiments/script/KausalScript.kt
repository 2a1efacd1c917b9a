package dev.kausal.experiments.script

import kotlin.script.experimental.annotations.KotlinScript
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.compilerOptions
import kotlin.script.experimental.api.defaultImports
import kotlin.script.experimental.jvm.dependenciesFromClassContext
import kotlin.script.experimental.jvm.jvm

/**
 * Base of every `.kausal.kts` file: the DSL's names are available without an import.
 *
 * Public because the compiled script extends it; not an API. IDEs find it by the file of its name under
 * `META-INF/kotlin/script/templates`.
 */
@KotlinScript(
    displayName = "Kausal experiment",
    fileExtension = "kausal.kts",
    compilationConfiguration = KausalScriptConfiguration::class,
)
public abstract class KausalScript

/** Compiles scripts for Java 17 against this program's class path. */
public object KausalScriptConfiguration : ScriptCompilationConfiguration({
    defaultImports("dev.kausal.dsl.*")
    compilerOptions.append("-jvm-target", "17")
    jvm {
        dependenciesFromClassContext(KausalScript::class, wholeClasspath = true)
    }
}) {
    private const val serialVersionUID: Long = 1L

    private fun readResolve(): Any = KausalScriptConfiguration
}
