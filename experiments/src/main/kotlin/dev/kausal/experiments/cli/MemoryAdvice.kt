package dev.kausal.experiments.cli

import java.lang.management.ManagementFactory

/** What can be done about an [OutOfMemoryError]. */
internal object MemoryAdvice {
    /**
     * Advice that helps: fewer numbers, and a larger heap than the one that was too small, if the machine has it.
     *
     * @param heap bytes that Java's heap may take now
     * @param machine bytes that the machine has
     */
    fun of(
        e: OutOfMemoryError,
        heap: Long,
        machine: Long,
    ): String {
        val what = "Out of memory (${e.message}): Java's heap may take ${megabytes(heap)}."
        val fewer =
            "Keep fewer numbers: fewer inputs, layers = ... or heads = ... of attention and capture, " +
                "meanOverHeads or meanOverLayers."
        val larger = (heap * 2).coerceAtMost(machine / 4 * 3) / GIGA
        val grow =
            if (larger * GIGA > heap + GIGA / 4) {
                " Or give it more: KAUSAL_JAVA_OPTS=-Xmx${larger}g."
            } else {
                " The machine has ${megabytes(machine)} in all, so that a larger heap is not to be had."
            }
        return "$what $fewer$grow"
    }

    /** Bytes of memory that this machine, or its container, has. */
    fun machine(): Long =
        (ManagementFactory.getOperatingSystemMXBean() as com.sun.management.OperatingSystemMXBean).totalMemorySize

    private fun megabytes(bytes: Long) = "${bytes / MEGA} MB"

    private const val MEGA = 1L shl 20
    private const val GIGA = 1L shl 30
}
