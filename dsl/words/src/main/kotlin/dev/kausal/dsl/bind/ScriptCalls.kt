package dev.kausal.dsl.bind

import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.errors.KausalException
import dev.kausal.spec.ScriptFailure

/** Returns the result of [block], a function of the script declared at [line]; null, with a mistake, if it fails. */
internal fun <T> MutableSet<Mistake>.calling(
    line: Int?,
    function: String,
    block: () -> T,
): T? =
    try {
        block()
    } catch (
        @Suppress("TooGenericExceptionCaught") e: Throwable,
    ) {
        if (KausalException.reportsItself(e)) throw e
        val failure = ScriptFailure.of(e, null)
        add(Mistake.CodeFailed(failure.line ?: line, function, failure.text))
        null
    }
