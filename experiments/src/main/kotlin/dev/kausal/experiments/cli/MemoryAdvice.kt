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
        val asker = asker(e)
        val where = asker?.let { (doing, place) -> " while $doing ($place)" }.orEmpty()
        val what = "Out of memory (${e.message})$where: Java's heap may take ${megabytes(heap)}."
        val fewer =
            if (asker == null || asker.first == COMPUTING) {
                "Keep fewer numbers: fewer inputs, layers = ... or heads = ... of attention and capture, " +
                    "meanOverHeads or meanOverLayers."
            } else {
                "Check that its input is what it should be, and no larger than it needs to be."
            }
        val larger = (heap * 2).coerceAtMost(machine / 4 * 3) / GIGA
        val grow =
            if (larger * GIGA > heap + GIGA / 4) {
                " Or give it more: KAUSAL_JAVA_OPTS=-Xmx${larger}g."
            } else {
                " The machine has ${megabytes(machine)} in all, so that a larger heap is not to be had."
            }
        return "$what $fewer$grow"
    }

    /** What asked for memory that was not there, in words, and the function; null if Java does not say. */
    private fun asker(e: OutOfMemoryError): Pair<String, String>? {
        val frame = e.stackTrace.firstOrNull { it.className.startsWith(ROOT) } ?: return null
        val own = frame.className.removePrefix(ROOT)
        val doing = TASKS.entries.firstOrNull { own.startsWith(it.key) }?.value ?: COMPUTING
        return doing to "${own.substringAfterLast('.')}.${frame.methodName}"
    }

    /** Bytes of memory that this machine, or its container, has. */
    fun machine(): Long =
        (ManagementFactory.getOperatingSystemMXBean() as com.sun.management.OperatingSystemMXBean).totalMemorySize

    private fun megabytes(bytes: Long) = "${bytes / MEGA} MB"

    private const val ROOT = "dev.kausal."
    private const val COMPUTING = "computing"

    /** What the functions of a package do; the first that fits. */
    private val TASKS =
        linkedMapOf(
            "engine.images." to "reading an image",
            "engine.config." to "reading a model's config",
            "engine.family." to "reading a model's config",
            "engine.tokens." to "reading or running a tokenizer",
            "engine.weights." to "reading weights",
            "engine.source." to "fetching a model",
            "engine.files." to "reading a file",
            "bundle." to "reading or writing a bundle",
            "spec." to "reading or writing a bundle",
            "reports." to "making a page",
            "dsl." to "evaluating a script",
            "experiments.script." to "compiling a script",
        )
    private const val MEGA = 1L shl 20
    private const val GIGA = 1L shl 30
}
