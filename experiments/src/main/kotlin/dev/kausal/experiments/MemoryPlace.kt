package dev.kausal.experiments

import dev.kausal.engine.source.Devices
import dev.kausal.engine.tensor.Device
import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlin.io.path.isReadable
import kotlin.io.path.useLines

/** The memory that a model's arrays take: that of the machine, or of a GPU. */
internal interface MemoryPlace {
    /** Bytes that the process takes there besides arrays: libraries, and Java on the processor. */
    val runtime: Long

    /** Whether Java's heap is there too. */
    val holdsHeap: Boolean

    /** The largest limit that a run chooses by itself, in bytes. */
    val most: Long

    /** Returns the bytes that other processes leave free. */
    fun free(): Long

    /** Returns this place as if [kept] more bytes were free in it. */
    fun beside(kept: Long): MemoryPlace = if (kept == 0L) this else KeptMemory(this, kept)

    companion object {
        /** Returns the memory of [device]. A GPU's driver is asked only for [free]. */
        fun of(device: Device): MemoryPlace = if (device.isGpu) GpuMemory(device) else MachineMemory
    }
}

/** [place] as it is now, whatever is taken later. */
internal class PresentMemory(
    place: MemoryPlace,
) : MemoryPlace by place {
    private val present = place.free()

    override fun free(): Long = present
}

/** Memory of the machine, or of its container. */
internal object MachineMemory : MemoryPlace {
    override val runtime: Long = 500_000_000
    override val holdsHeap: Boolean = true
    override val most: Long = 1L shl 32

    override fun free(): Long {
        val info = Path.of("/proc/meminfo")
        val available =
            if (info.isReadable()) {
                info.useLines { lines ->
                    lines.firstNotNullOfOrNull(::availableKilobytes)
                }
            } else {
                null
            }
        val system = ManagementFactory.getOperatingSystemMXBean() as com.sun.management.OperatingSystemMXBean
        // A container's limit may be below the machine's memory.
        return minOf(available?.times(KILO) ?: Long.MAX_VALUE, system.totalMemorySize)
    }

    private fun availableKilobytes(line: String): Long? =
        line
            .takeIf { it.startsWith("MemAvailable:") }
            ?.filter(Char::isDigit)
            ?.toLongOrNull()

    private const val KILO = 1024L
}

/** Memory of a GPU, used by one run at a time. */
private class GpuMemory(
    private val device: Device,
) : MemoryPlace {
    /** CUDA's context with PyTorch's kernels, and the workspace of its matrix products. */
    override val runtime: Long = 1_000_000_000
    override val holdsHeap: Boolean = false
    override val most: Long = Long.MAX_VALUE

    override fun free(): Long = Devices.gpu(device).freeBytes()
}

/** A place in which [kept] bytes belong to the run that asks. */
private class KeptMemory(
    private val place: MemoryPlace,
    private val kept: Long,
) : MemoryPlace by place {
    override fun free(): Long = place.free() + kept
}
