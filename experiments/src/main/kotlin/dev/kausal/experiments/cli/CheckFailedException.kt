package dev.kausal.experiments.cli

/** A failed check that the command was asked to make, as opposed to a failure of the command or the machine. */
internal class CheckFailedException(
    message: String,
) : RuntimeException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
