package dev.kausal.experiments.cli

import java.lang.management.ManagementFactory

/** Advice after an [OutOfMemoryError]. */
internal object MemoryAdvice {
    /**
     * Returns advice: fewer numbers, and a larger heap if the machine has the memory.
     *
     * @param heap current limit of Java's heap in bytes
     * @param machine memory of the machine in bytes
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
                " Or allow a larger heap: KAUSAL_JAVA_OPTS=-Xmx${larger}g."
            } else {
                " The machine has only ${megabytes(machine)}, too little for a larger heap."
            }
        return "$what $fewer$grow"
    }

    /** Returns what requested the memory, in words, and the function; null if unknown. */
    private fun asker(e: OutOfMemoryError): Pair<String, String>? {
        val frame = e.stackTrace.firstOrNull { it.className.startsWith(ROOT) } ?: return null
        val own = frame.className.removePrefix(ROOT)
        val doing = TASKS.entries.firstOrNull { own.startsWith(it.key) }?.value ?: COMPUTING
        return doing to "${own.substringAfterLast('.')}.${frame.methodName}"
    }

    /** Returns the memory of this machine, or its container, in bytes. */
    fun machine(): Long =
        (ManagementFactory.getOperatingSystemMXBean() as com.sun.management.OperatingSystemMXBean).totalMemorySize

    private fun megabytes(bytes: Long) = "${bytes / MEGA} MB"

    private const val ROOT = "dev.kausal."
    private const val COMPUTING = "computing"

    /** What the functions of a package do; the first match wins. */
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
