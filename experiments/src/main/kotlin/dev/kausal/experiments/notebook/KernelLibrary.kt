package dev.kausal.experiments.notebook

import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.KausalVersion
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import java.io.File
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/**
 * This installation as a library of Jupyter's Kotlin kernel, which finds it by the file `kausal.json`.
 *
 * @property jars the class path, without what the kernel has itself
 */
internal class KernelLibrary private constructor(
    val jars: List<Path>,
) {
    /** Writes `kausal.json` into [folder], in place of an earlier one. Returns the file. */
    fun write(folder: Path): Path {
        val file = folder.toAbsolutePath().normalize().createDirectories().resolve("kausal.json")
        return BundleFiles.replace(
            file,
            readable.encodeToString(JsonObject.serializer(), descriptor()).encodeToByteArray(),
        )
    }

    private fun descriptor(): JsonObject =
        buildJsonObject {
            put("description", "Kausal ${KausalVersion.text}: mechanistic-interpretability experiments")
            putJsonArray("dependencies") { jars.forEach { add("$it") } }
        }

    companion object {
        private val readable = Json { prettyPrint = true }

        /** Parts of the compiler, libraries that the kernel brings, and those of the command line. */
        private val LEFT_OUT = listOf(
            "annotations-",
            "clikt-",
            "kotlin-compiler-",
            "kotlin-daemon-",
            "kotlin-reflect-",
            "kotlin-script-",
            "kotlin-scripting-",
            "kotlin-stdlib-",
            "kotlinx-serialization-",
            "mordant-",
            "slf4j-",
        )

        /** Where the kernel looks for libraries of its user. */
        val folder: Path get() = Path.of(System.getProperty("user.home"), ".jupyter_kotlin", "libraries")

        /** Returns the library of the installation that runs. */
        fun ofProcess(): KernelLibrary = of(System.getProperty("java.class.path"))

        /** Returns the library of an installation with this [classPath]; throws if it lacks the notebook's part. */
        fun of(classPath: String): KernelLibrary {
            val all = classPath.split(File.pathSeparatorChar).map { Path.of(it).toAbsolutePath().normalize() }
            val jars = all.filter { it.isRegularFile() && it.name.endsWith(".jar") }
            val own = jars.find { it.name.startsWith(OWN) } ?: throw NoNotebookException()
            val notebook = jars.find(::isNotebook) ?: beside(own) ?: throw NoNotebookException()
            val needed = jars.filterNot { jar -> isNotebook(jar) || LEFT_OUT.any { jar.name.startsWith(it) } }
            return KernelLibrary(listOf(notebook) + needed)
        }

        /** Returns the jar that a build of the sources makes; null if there is none. */
        private fun beside(own: Path): Path? {
            val built = own.resolve("../../../notebook/target").normalize()
            return runCatching { built.listDirectoryEntries("$NOTEBOOK*.jar") }.getOrDefault(emptyList())
                .firstOrNull { "-sources" !in it.name && "-javadoc" !in it.name }
        }

        private fun isNotebook(jar: Path) = jar.name.startsWith(NOTEBOOK)

        private const val OWN = "experiments-"
        private const val NOTEBOOK = "notebook-"
    }
}

/** An installation without the jar for notebooks. */
internal class NoNotebookException :
    KausalException(
        Blame.MACHINE,
        "This installation has no notebook-*.jar beside its other jars, which the Kotlin kernel needs. Build it " +
            "(mvn -q -DskipTests package), or take a whole release.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
