package dev.kausal.consumers

import java.io.File
import java.nio.file.Path
import kotlin.io.path.isExecutable

/** Other programs that the tests start: Maven, Gradle, Java and GnuPG. */
internal object Programs {
    private val maven = System.getProperty("kausal.maven")

    /** Whether this build was told to stay off the network. */
    val offline: Boolean = System.getProperty("kausal.network") == "offline=true"
    val java: String = Path.of(System.getProperty("java.home"), "bin", "java").toString()

    /** Where the program called [name] is on the path of this process; null if it is not installed. */
    fun installed(name: String): Path? = System.getenv("PATH")
        .split(File.pathSeparatorChar).map { Path.of(it, name) }.find { it.isExecutable() }

    /** Runs Maven in [folder] with a local repository, as far from the network as the build itself. */
    fun maven(folder: Path, local: Path, vararg words: String, environment: Map<String, String> = emptyMap()): String {
        val line = listOf(maven, "-B", "-q", "-Dmaven.repo.local=$local", "-Dkotlin.compiler.daemon=false") + words
        return printed(folder, environment, if (offline) line + "-o" else line)
    }

    fun gradle(folder: Path, local: Path, vararg words: String): String {
        val caches = Path.of("target/gradle").toAbsolutePath()
        val line = listOf("gradle", "-q", "--no-daemon", "-Dmaven.repo.local=$local", "-g", "$caches") + words
        return printed(folder, emptyMap(), line)
    }

    /** Returns what a command prints. */
    fun printed(folder: Path, environment: Map<String, String>, command: List<String>): String {
        val builder = ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
        builder.environment() += environment
        val process = builder.start()
        val text = process.inputReader().readText()
        check(process.waitFor() == 0) { "${command.joinToString(" ")}:\n${text.takeLast(4000)}" }
        return text
    }
}
