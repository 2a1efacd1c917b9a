package dev.kausal.experiments

import java.io.File.pathSeparatorChar
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.isRegularFile
import kotlin.io.path.name

/** Kausal's own jars, which numbers and compiled scripts depend on. */
internal object OwnJars {
    /** Returns the compiler's version and the name, size and time of each of Kausal's jars on [classPath]. */
    fun surroundingsOf(classPath: String): String =
        classPath
            .split(pathSeparatorChar)
            .map(Path::of)
            .filter { it.isRegularFile() && it.extension == "jar" && isOurs(it) }
            .map { "${it.name} ${Files.size(it)} ${Files.getLastModifiedTime(it).toMillis()}" }
            .sorted()
            .joinToString("\n", prefix = "kotlin ${KotlinVersion.CURRENT}\n")

    private fun isOurs(jar: Path): Boolean = MODULES.any { jar.name.startsWith("$it-") }

    private val MODULES = listOf("engine", "spec", "words", "run", "reports", "experiments", "kausal")
}
