package dev.kausal.experiments.fuzz

import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.fuzz.FuzzTarget
import dev.kausal.experiments.bundle.RunJournal
import dev.kausal.experiments.script.CompiledScripts
import dev.kausal.experiments.script.KausalScript
import dev.kausal.experiments.script.ScriptHost
import dev.kausal.experiments.script.ScriptSource
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.walk
import kotlin.io.path.writeBytes
import kotlin.script.experimental.host.StringScriptSource
import kotlin.script.experimental.jvmhost.createJvmCompilationConfigurationFromTemplate

private const val SCRIPT = "val words = listOf(1, 2, 3)\nwords.map { \"\$it\" }.joinToString()\n"
private const val NAME = "fuzz.kausal.kts"

/** Entries of Kausal's own caches: one that is not what was written is as none. */
enum class CacheEntry : FuzzTarget {
    /** A part of an interrupted run. */
    JOURNAL {
        private val part = ByteArray(400) { (it * it).toByte() }

        override fun seed(seed: Int): ByteArray {
            val cache = Files.createTempDirectory("kausal-fuzz-")
            return cache.use {
                RunJournal.of(cache, listOf("fuzz")).write("part", part)
                cache.walk().single().readBytes()
            }
        }

        override fun read(
            seed: Int,
            content: ByteArray,
            folder: Path,
        ): Boolean {
            val journal = RunJournal.of(folder, listOf("fuzz"))
            val file = places.getOrPut(folder) {
                journal.write("part", part)
                folder.resolve("unfinished").walk().single()
            }
            file.writeBytes(content)
            val read = journal.read("part") ?: return false
            check(read.contentEquals(part)) { "a damaged part was taken" }
            return true
        }
    },

    /** A jar under the name that its content has. */
    COMPILED_SCRIPT {
        override fun seed(seed: Int): ByteArray = compiled.second

        override fun read(
            seed: Int,
            content: ByteArray,
            folder: Path,
        ): Boolean = taken(folder, "${compiled.first.substringBefore('-')}-${BundleFiles.sha256(content)}.jar", content)
    },

    /** A jar that was changed after it got its name. */
    DAMAGED_SCRIPT {
        override fun seed(seed: Int): ByteArray = compiled.second

        override fun read(
            seed: Int,
            content: ByteArray,
            folder: Path,
        ): Boolean {
            val taken = taken(folder, compiled.first, content)
            check(taken == content.contentEquals(compiled.second)) { "a damaged jar was taken, or a whole one was not" }
            return taken
        }
    }, ;

    override fun title(): String = name

    override fun seeds(): Int = 1

    companion object {
        private val places = mutableMapOf<Path, Path>()

        /** Name and content of the jar of a script. */
        private val compiled: Pair<String, ByteArray> by lazy {
            val cache = Files.createTempDirectory("kausal-fuzz-")
            cache.use {
                ScriptHost(cache).evaluate(ScriptSource(NAME, cache, SCRIPT)) { true }
                cache.listDirectoryEntries().single().let { it.name to it.readBytes() }
            }
        }
        private val configuration by lazy { createJvmCompilationConfigurationFromTemplate<KausalScript>() }

        /** Whether the cache gives the script, with the jar [content] in its folder as [name]. */
        private fun taken(
            folder: Path,
            name: String,
            content: ByteArray,
        ): Boolean {
            val jar = folder.createDirectories().resolve(name).also { it.writeBytes(content) }
            val script = CompiledScripts(folder).get(StringScriptSource(SCRIPT, NAME), configuration)
            Files.deleteIfExists(jar)
            return script != null
        }
    }
}

private fun <T> Path.use(read: () -> T): T = try {
    read()
} finally {
    toFile().deleteRecursively()
}
