package dev.kausal.notebook

import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit.MINUTES
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** The Kotlin kernel and what runs notebooks, as Python packages in a folder of the build. */
internal object KernelFolder {
    private val packages = listOf("kotlin-jupyter-kernel==0.19.0.944", "nbclient==0.11.0", "nbformat==5.11.1")
    private val folder: Path = Path.of("target", "kernel").toAbsolutePath()
    private val log = folder.resolveSibling("kernel-pip.log").toFile()

    /** Whether it is there, or could be fetched, as it must where there is a network. */
    val isThere: Boolean by lazy {
        val stamp = folder.resolve("stamp")
        val wanted = packages.joinToString("\n")
        val known = stamp.exists() && stamp.readText() == wanted
        val found = known || fetched().also { if (it) stamp.writeText(wanted) }
        if (!found) println("SKIPPED: notebooks, whose kernel could not be fetched")
        check(found || System.getenv("CI") != "true") { "CI must have a network: ${log.readText()}" }
        found
    }

    private fun fetched(): Boolean {
        folder.createDirectories()
        val words = listOf("python3", "-m", "pip", "install", "-q", "--target", "$folder") + packages
        return runCatching {
            ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log).start().waitFor() == 0
        }.getOrDefault(false)
    }

    /** Runs [script] of the tests with [arguments]; throws with the end of its output if it fails. */
    fun python(script: String, vararg arguments: Any) {
        val file = Path.of("src/test/python/$script").toAbsolutePath()
        val output = File.createTempFile("kausal-notebook", ".log")
        val process = ProcessBuilder(listOf("python3", "$file") + arguments.map { "$it" })
            .redirectErrorStream(true)
            .redirectOutput(output)
            .also {
                it.environment()["PYTHONPATH"] = "$folder"
                it.environment()["JUPYTER_PATH"] = "$folder/share/jupyter"
            }.start()
        val ended = process.waitFor(LIMIT, MINUTES)
        if (!ended) process.destroyForcibly()
        check(ended && process.exitValue() == 0) { "$script failed:\n${output.readText().takeLast(END)}" }
        output.delete()
    }

    private const val LIMIT = 8L
    private const val END = 4000
}
