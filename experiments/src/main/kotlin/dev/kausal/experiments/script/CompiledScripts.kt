package dev.kausal.experiments.script

import dev.kausal.bundle.BundleFiles
import dev.kausal.experiments.OwnJars
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.name
import kotlin.script.experimental.api.CompiledScript
import kotlin.script.experimental.api.ScriptCompilationConfiguration
import kotlin.script.experimental.api.SourceCode
import kotlin.script.experimental.jvm.CompiledJvmScriptsCache
import kotlin.script.experimental.jvmhost.CompiledScriptJarsCache

/**
 * Compiled scripts as jars in [folder], one per key.
 *
 * The key covers everything that a compiled script depends on: its text, its name (which becomes the class name), the
 * compiler and Kausal's own jars. A jar is named `KEY-SHA256.jar` by its content and appears only once complete, so two
 * processes may share the folder. Its classes are loaded late, so the whole jar is checked against its name first. If
 * the cache is damaged, or cannot be read or written, scripts are recompiled.
 *
 * @property say receives a line for each damaged jar
 */
internal class CompiledScripts(
    private val folder: Path,
    private val surroundings: String = OwnJars.surroundingsOf(System.getProperty("java.class.path")),
    private val say: (String) -> Unit = {},
) : CompiledJvmScriptsCache {
    override fun get(
        script: SourceCode,
        scriptCompilationConfiguration: ScriptCompilationConfiguration,
    ): CompiledScript? {
        val key = keyOf(script)
        val (intact, damaged) = jars(key).partition { runCatching { nameOf(key, it) == it.name }.getOrDefault(false) }
        damaged.forEach(::drop)
        val jar = intact.firstOrNull() ?: return null
        return runCatching { at(jar).get(script, scriptCompilationConfiguration) }.getOrNull().also {
            if (it == null) drop(jar)
        }
    }

    private fun drop(jar: Path) {
        runCatching { jar.deleteIfExists() }
        say("a compiled script in the cache is damaged; recompiling the script ($jar)")
    }

    private fun jars(key: String): List<Path> =
        runCatching { Files.newDirectoryStream(folder, "$key-*.jar").use { it.toList() } }.getOrDefault(emptyList())

    override fun store(
        compiledScript: CompiledScript,
        script: SourceCode,
        scriptCompilationConfiguration: ScriptCompilationConfiguration,
    ) {
        runCatching {
            folder.createDirectories()
            val partial = Files.createTempFile(folder, "script-", ".partial")
            try {
                at(partial).store(compiledScript, script, scriptCompilationConfiguration)
                val name = nameOf(keyOf(script), partial)
                Files.move(partial, folder.resolve(name), ATOMIC_MOVE, REPLACE_EXISTING)
            } finally {
                partial.deleteIfExists()
            }
        }
    }

    /** Returns the intact jar of the script called [name] with this [text]; null if there is none. */
    fun jar(name: String, text: String): ByteArray? {
        val key = keyOf(name, text)
        return jars(key).firstOrNull { runCatching { nameOf(key, it) == it.name }.getOrDefault(false) }
            ?.let(Files::readAllBytes)
    }

    /** Stores the [jar] of a script that the same version of Kausal has compiled on another machine. */
    fun add(name: String, text: String, jar: ByteArray) {
        runCatching {
            folder.createDirectories()
            val partial = Files.createTempFile(folder, "script-", ".partial")
            try {
                Files.write(partial, jar)
                Files.move(partial, folder.resolve(nameOf(keyOf(name, text), partial)), ATOMIC_MOVE, REPLACE_EXISTING)
            } finally {
                partial.deleteIfExists()
            }
        }
    }

    private fun at(jar: Path) = CompiledScriptJarsCache { _, _ -> jar.toFile() }

    private fun keyOf(script: SourceCode): String = keyOf(script.name.orEmpty(), script.text)

    private fun keyOf(name: String, text: String): String = sha256(name, text, surroundings).take(KEY)

    private fun nameOf(
        key: String,
        jar: Path,
    ): String {
        check(Files.size(jar) <= MOST) { "no script has such a jar" }
        return "$key-${BundleFiles.sha256(Files.readAllBytes(jar))}.jar"
    }

    internal companion object {
        private const val KEY = 32
        private const val MOST = 1L shl 28

        private fun sha256(vararg parts: String): String {
            val digest = MessageDigest.getInstance("SHA-256")
            for (part in parts) {
                val bytes = part.toByteArray()
                digest.update("${bytes.size}:".toByteArray())
                digest.update(bytes)
            }
            return HexFormat.of().formatHex(digest.digest())
        }
    }
}
