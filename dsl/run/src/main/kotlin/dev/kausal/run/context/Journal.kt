package dev.kausal.run.context

/**
 * Finished parts of a run, so that the same run, started again after an interruption, need not repeat them.
 *
 * Parts are named by their content and hold bytes. A journal belongs to one run: the same spec, weights, executor and
 * settings.
 */
public interface Journal {
    /** Returns the bytes stored under [part]; null if there are none. */
    public fun read(part: String): ByteArray?

    /** Stores [bytes] under [part], completely or not at all. */
    public fun write(
        part: String,
        bytes: ByteArray,
    )

    /** Stores nothing. */
    public object None : Journal {
        override fun read(part: String): ByteArray? = null

        override fun write(
            part: String,
            bytes: ByteArray,
        ): Unit = Unit
    }
}
