package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.ParameterHolder
import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.UnknownDeviceException

/** What a run may use of the machine; all settings determine how cells are grouped. */
internal class MachineOptions : OptionGroup() {
    val threads: Int? by option("--threads", metavar = "N", help = "Processor threads, 1 to $MOST_THREADS")
        .int()
        .restrictTo(1..MOST_THREADS)

    val memory: Long? by option(
        "--memory",
        metavar = "SIZE",
        help = "Memory limit, such as 8g or 512m, on the device; weights that do not fit are read layer by layer",
    )
        .convert { MemorySize.parse(it) ?: fail("'$it' is not a size such as 8g or 512m") }

    val device: Device by deviceOption()

    private companion object {
        /** More threads than this only compete for the processors. */
        val MOST_THREADS = 4 * Runtime.getRuntime().availableProcessors()
    }
}

/** Returns the option that chooses where a model computes. */
internal fun ParameterHolder.deviceOption() =
    option("--device", metavar = "NAME", help = "cpu (default), or a GPU such as cuda:0, after 'kausal gpu'")
        .convert {
            try {
                Device.of(it)
            } catch (e: UnknownDeviceException) {
                fail(e.message.orEmpty())
            }
        }
        .default(Device.CPU)
