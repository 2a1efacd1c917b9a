package dev.kausal.experiments.cli

/** A check that the command was asked for has failed; nothing is wrong with the command or the machine. */
internal class CheckFailedException(
    message: String,
) : RuntimeException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
