package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.ParameterHolder
import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.choice
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.UnknownDeviceException
import dev.kausal.experiments.RunPrecision

/** How and where a run computes; all settings but precision determine how cells are grouped. */
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

    val precision: RunPrecision by option(
        "--precision",
        metavar = "FORMAT",
        help =
            "Format of products with weights: float32 (default); bfloat16, faster on a processor with AVX512_BF16 or " +
                "AMX, and less exact; or screen: sweeps in bfloat16, then in float32 the cells that decide anything",
    )
        .choice(RunPrecision.entries.associateBy { it.word })
        .default(RunPrecision.Float32)

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
