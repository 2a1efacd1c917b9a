package dev.kausal.experiments.cli

/** Results go to [out], progress and messages to [err]. */
internal class Console(
    private val out: Appendable,
    private val err: Appendable,
) {
    /** A line of the result. */
    fun say(line: String) {
        out.append(line).append('\n')
    }

    /** A line for the person who waits. */
    fun complain(line: String) {
        err.append(line).append('\n')
    }
}
