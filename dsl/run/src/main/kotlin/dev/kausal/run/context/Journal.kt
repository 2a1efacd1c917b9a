package dev.kausal.run.context

/**
 * What a run has finished, so that the same run, started again after an interruption, need not repeat it.
 *
 * Parts are named by what they are of a run, and hold bytes. A journal belongs to one run: the same spec, weights,
 * executor and settings.
 */
public interface Journal {
    /** What [write] stored under [part]; null if the run did not come that far. */
    public fun read(part: String): ByteArray?

    /** Stores [bytes] under [part], whole or not at all. */
    public fun write(
        part: String,
        bytes: ByteArray,
    )

    /** Remembers nothing. */
    public object None : Journal {
        override fun read(part: String): ByteArray? = null

        override fun write(
            part: String,
            bytes: ByteArray,
        ): Unit = Unit
    }
}
