package dev.kausal.experiments

import dev.kausal.engine.tensor.Bfloat16
import java.nio.file.Path
import kotlin.io.path.isReadable
import kotlin.io.path.useLines

/** The machine's processor. */
internal object Processor {
    /** Its name, as the system has it; the architecture if it has none. */
    val name: String by lazy {
        val info = Path.of("/proc/cpuinfo")
        val model = if (info.isReadable()) info.useLines { model(it) } else null
        model ?: System.getProperty("os.arch")
    }

    private fun model(lines: Sequence<String>): String? =
        lines.firstOrNull { it.startsWith("model name") }?.substringAfter(": ")
}

/** Says how products in bfloat16 are computed here. */
internal fun bfloat16Text(): String =
    if (Bfloat16.inProcessor()) {
        "Products with weights are in bfloat16, which this processor multiplies itself."
    } else {
        "Products with weights are of numbers rounded to bfloat16. This processor does not multiply them itself " +
            "(AVX512_BF16 or AMX), or a setting forbids it, so float32 is faster."
    }
