package dev.kausal.experiments.script

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame
import java.nio.file.Path

/** A script that does not compile, with all of its errors. */
internal class ScriptCompileException(
    val script: String,
    val errors: List<ScriptError>,
    message: String,
) : KausalException(Blame.USER, message) {
    companion object {
        private const val serialVersionUID = 1L

        fun of(source: ScriptSource, errors: List<ScriptError>): ScriptCompileException {
            val count = if (errors.size == 1) "an error" else "${errors.size} errors"
            val blocks = errors.joinToString("\n") { it.shownIn(source) }
            return ScriptCompileException(source.shown, errors, "${source.shown} does not compile: $count\n$blocks")
        }
    }
}

/** An exception from the script's own code. */
internal class ScriptFailedException(
    val script: String,
    val line: Int?,
    message: String,
    cause: Throwable,
) : KausalException(Blame.USER, message, cause) {
    companion object {
        private const val serialVersionUID = 1L

        fun of(source: ScriptSource, error: Throwable): ScriptFailedException {
            val line = error.stackTrace.firstOrNull { it.fileName == source.name }?.lineNumber
            val place = if (line == null) source.shown else "${source.shown}:$line"
            val shown = line?.let(source::line)?.let { "\n    ${it.trim()}" }.orEmpty()
            val what = error.javaClass.simpleName + error.message?.let { ": $it" }.orEmpty()
            return ScriptFailedException(source.shown, line, "$place: the script failed with $what$shown", error)
        }
    }
}

/** A script whose last expression is not an experiment. [found] names its type, null if it has no value. */
internal class NoExperimentException(
    val script: String,
    val found: String?,
) : KausalException(
        Blame.USER,
        "$script: the last expression must be an experiment, but it is ${found?.let { "a $it" } ?: "nothing"}. " +
            "End the script with experiment(\"name\") { ... }.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A script file with the wrong suffix. */
internal class ScriptNameException(
    file: Path,
) : KausalException(
        Blame.USER,
        "$file is not a Kausal script: its name must end with ${ScriptSource.SUFFIX}. Rename it.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A script file that cannot be read as text. */
internal class UnreadableScriptException(
    file: Path,
    reason: String,
) : KausalException(Blame.USER, "$file cannot be read as a script: $reason.") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
