package dev.kausal.experiments.cli

import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.option

/** Options of commands that show progress. */
internal class ShownProgressOptions : OptionGroup() {
    private val quiet: Boolean by option("--quiet", help = "Shows no progress; warnings and errors only").flag()
    private val json: Boolean by option(
        "--json",
        help = "Shows progress and messages as JSON, one object per line of standard error",
    ).flag()

    /** Whether only warnings and errors are shown. */
    val isQuiet: Boolean get() = quiet

    /** Returns the progress of a command; its messages then have the same form. */
    fun on(session: Session): ShownProgress {
        session.console.isJson = json
        return when {
            json -> JsonProgress(session.console)
            quiet -> QuietProgress(session.console)
            else -> progressOn(session)
        }
    }
}

/** Shows only notes, which are warnings. */
private class QuietProgress(
    private val console: Console,
) : ShownProgress {
    override fun note(line: String): Unit = console.complain(line)

    override fun begin(stage: String, total: Long?, unit: String): Unit = Unit

    override fun advance(count: Long): Unit = Unit

    override fun end(note: String): Unit = Unit

    override fun close(): Unit = Unit
}
