package dev.kausal.experiments.cli

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame

/** SCRIPT names a path without a script. */
internal class TargetException(
    val target: String,
    problem: String,
) : KausalException(Blame.USER, "$target $problem. Pass a script file or the name of a study.") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
