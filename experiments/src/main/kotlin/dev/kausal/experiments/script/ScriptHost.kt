package dev.kausal.experiments.script

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.names.NearestNames
import java.nio.file.Path
import kotlin.script.experimental.api.CompiledScript
import kotlin.script.experimental.api.EvaluationResult
import kotlin.script.experimental.api.ResultValue
import kotlin.script.experimental.api.ResultWithDiagnostics
import kotlin.script.experimental.api.ScriptDiagnostic
import kotlin.script.experimental.api.ScriptEvaluationConfiguration
import kotlin.script.experimental.host.ScriptingHostConfiguration
import kotlin.script.experimental.host.StringScriptSource
import kotlin.script.experimental.jvm.compilationCache
import kotlin.script.experimental.jvm.defaultJvmScriptingHostConfiguration
import kotlin.script.experimental.jvm.jvm
import kotlin.script.experimental.jvmhost.BasicJvmScriptingHost
import kotlin.script.experimental.jvmhost.createJvmCompilationConfigurationFromTemplate

/**
 * Compiles `.kausal.kts` scripts, or takes them from the cache, and evaluates them.
 *
 * A script is trusted code: it runs with all permissions of its user.
 *
 * @param cache folder of compiled scripts
 * @param onWarning receives one line at a time: a warning, which a cached script does not repeat, or that the cache is
 *   damaged
 */
internal class ScriptHost(
    cache: Path,
    private val onWarning: (String) -> Unit = {},
) {
    private val settings =
        ScriptingHostConfiguration(defaultJvmScriptingHostConfiguration) {
            jvm { compilationCache(CompiledScripts(cache, say = onWarning)) }
        }
    private val host = BasicJvmScriptingHost(settings)
    private val compiling = Any()
    private val configuration = createJvmCompilationConfigurationFromTemplate<KausalScript>(settings)

    /**
     * Returns the value of [source]'s last expression, which must satisfy [accepts].
     *
     * @param around runs the script's body, so that the caller can set up and clear the context of its builders
     * @throws ScriptCompileException with all of the compiler's errors
     * @throws ScriptFailedException if the script's own code throws; a [KausalException] is passed on
     * @throws NoExperimentException if the last expression is something else
     */
    fun evaluate(source: ScriptSource, around: (() -> Any) -> Any = { it() }, accepts: (Any) -> Boolean): Any {
        val compiled = compile(source)
        return around { resultOf(source, call(source, compiled), accepts) }
    }

    /**
     * Compiles [source] without the cache, to no other end than that the compiler's own classes are loaded and compiled: the next
     * script then takes a fraction of the time.
     */
    fun warm(source: ScriptSource) {
        val uncached = BasicJvmScriptingHost(defaultJvmScriptingHostConfiguration)
        synchronized(compiling) {
            uncached.runInCoroutineContext {
                uncached.compiler(StringScriptSource(source.text, source.name), configuration)
            }
        }
    }

    private fun compile(source: ScriptSource): CompiledScript {
        val script = StringScriptSource(source.text, source.name)
        val outcome = synchronized(compiling) { host.runInCoroutineContext { host.compiler(script, configuration) } }
        val reports = outcome.reports
        if (outcome is ResultWithDiagnostics.Success) {
            reports.filter {
                it.severity == ScriptDiagnostic.Severity.WARNING
            }.forEach { onWarning(warning(source, it)) }
            return outcome.value
        }
        throw ScriptCompileException.of(source, errorsIn(source, reports))
    }

    private fun call(source: ScriptSource, compiled: CompiledScript): EvaluationResult {
        val outcome = host.runInCoroutineContext { host.evaluator(compiled, ScriptEvaluationConfiguration()) }
        return when (outcome) {
            is ResultWithDiagnostics.Success -> {
                outcome.value
            }

            is ResultWithDiagnostics.Failure -> {
                outcome.reports.firstNotNullOfOrNull { it.exception }?.let { throw failure(source, it) }
                throw ScriptCompileException.of(source, errorsIn(source, outcome.reports))
            }
        }
    }

    private fun resultOf(source: ScriptSource, evaluation: EvaluationResult, accepts: (Any) -> Boolean): Any =
        when (val result = evaluation.returnValue) {
            is ResultValue.Error -> {
                throw failure(source, result.error)
            }

            is ResultValue.Value -> {
                val value = result.value
                if (value == null || !accepts(value)) throw NoExperimentException(source.shown, result.type)
                value
            }

            is ResultValue.Unit, ResultValue.NotEvaluated -> {
                throw NoExperimentException(source.shown, null)
            }
        }

    private fun failure(source: ScriptSource, error: Throwable): Throwable =
        if (KausalException.reportsItself(error)) error else ScriptFailedException.of(source, error)

    private fun errorsIn(source: ScriptSource, reports: List<ScriptDiagnostic>): List<ScriptError> =
        reports.filter { it.severity >= ScriptDiagnostic.Severity.ERROR }.map { errorOf(source, it) }.distinct()

    private fun errorOf(source: ScriptSource, report: ScriptDiagnostic): ScriptError {
        val start = report.location?.start
        val end = report.location?.end
        val length = if (start != null && end != null && end.line == start.line) end.col - start.col else 1
        val before = start?.let { source.line(it.line)?.take(it.col - 1) }.orEmpty()
        return ScriptError(report.message + suggestion(report.message, before), start?.line, start?.col, length)
    }

    /** Returns a suggestion for an unresolved name; [before] is the line up to it. */
    private fun suggestion(message: String, before: String): String {
        val name = UNRESOLVED.find(message)?.groupValues?.get(1) ?: return ""
        SiteParts.missing(name, before)?.let { return " $it" }
        // A type is not a likely replacement for a function or property.
        val alike = DslWords.all.filter { it[0].isUpperCase() == name[0].isUpperCase() }
        return NearestNames.meant(name, alike).map { " Did you mean '$it'?" }.orElse("")
    }

    private fun warning(source: ScriptSource, report: ScriptDiagnostic): String {
        val start = report.location?.start
        val place = if (start == null) source.shown else "${source.shown}:${start.line}:${start.col}"
        return "$place: warning: ${report.message}"
    }

    private companion object {
        val UNRESOLVED = Regex("Unresolved reference '([^']+)'")
    }
}
