package dev.kausal.experiments

import ai.djl.engine.EngineException
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.tensor.Device

/** A GPU whose memory was not enough for what a plan announced. */
internal class DeviceMemoryException private constructor(
    device: Device,
    announced: Long,
    said: String,
    cause: EngineException,
) : KausalException(
        Blame.MACHINE,
        "Expected ${device.name()} to have the ${announced / MEGA} MB that the plan announced; found it " +
            "full ($said). Other processes may use it: see nvidia-smi. Or allow the run less: " +
            "--memory ${maxOf(1, announced / 2 / GIGA)}g.",
        cause,
    ) {
    companion object {
        private const val serialVersionUID = 1L
        private const val MEGA = 1_000_000L
        private const val GIGA = 1L shl 30

        /** Runs [work] on [device], where a plan needs [announced] bytes; if its memory is full, says what would fit. */
        fun <T> orAdvice(device: Device, announced: Long, work: () -> T): T =
            try {
                work()
            } catch (e: EngineException) {
                val said = e.message.orEmpty().lines().first()
                val full = device.isGpu && "out of memory" in said
                throw if (full) DeviceMemoryException(device, announced, said, e) else e
            }
    }
}
