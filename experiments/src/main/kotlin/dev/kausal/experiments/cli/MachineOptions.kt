package dev.kausal.experiments.cli

import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo

/** What a run may use of the machine; both settings determine how cells are grouped. */
internal class MachineOptions : OptionGroup() {
    val threads: Int? by option("--threads", metavar = "N", help = "Processor threads, 1 to $MOST_THREADS")
        .int()
        .restrictTo(1..MOST_THREADS)

    val memory: Long? by option(
        "--memory",
        metavar = "SIZE",
        help = "Memory limit, such as 8g or 512m; weights that do not fit are read layer by layer in each pass",
    )
        .convert { MemorySize.parse(it) ?: fail("'$it' is not a size such as 8g or 512m") }

    private companion object {
        /** More threads than this only compete for the processors. */
        val MOST_THREADS = 4 * Runtime.getRuntime().availableProcessors()
    }
}
