package dev.kausal.experiments

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
