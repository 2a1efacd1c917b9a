package dev.kausal.experiments

import ai.djl.engine.Engine
import dev.kausal.engine.tensor.Torch

/** The version of this build, from its jar; `development` if run from class folders. */
internal object KausalVersion {
    val text: String by lazy { KausalVersion::class.java.`package`?.implementationVersion ?: "development" }

    /** Returns what a report of a fault should say of this build and machine. Loads the native library. */
    fun told(): String =
        listOf(
            "kausal $text",
            "engine    PyTorch ${Torch.version()}, DJL ${Engine.getDjlVersion()}, ${Torch.threads()} threads",
            "java      ${System.getProperty("java.vm.name")} ${System.getProperty("java.version")}",
            "processor ${Processor.name}",
            "system    ${System.getProperty(
                "os.name",
            )} ${System.getProperty("os.version")} ${System.getProperty("os.arch")}",
        ).joinToString("\n")
}
