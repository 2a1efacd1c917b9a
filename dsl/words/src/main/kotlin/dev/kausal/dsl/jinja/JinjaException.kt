package dev.kausal.dsl.jinja

/** A template that cannot be rendered; [message] states the reason, without the place. */
internal open class JinjaException(
    message: String,
    cause: Exception? = null,
) : Exception(message, cause)

/** The template called `raise_exception`: it refuses the messages. */
internal class RaisedByTemplate(
    message: String,
) : JinjaException(message)

/** The template exceeds a limit that keeps a stranger's file from using unbounded time or memory. */
internal class BeyondLimit(
    message: String,
) : JinjaException(message)

/** Leaves a loop's body. */
internal class LoopControl(
    val ends: Boolean,
) : RuntimeException(null, null, false, false)
