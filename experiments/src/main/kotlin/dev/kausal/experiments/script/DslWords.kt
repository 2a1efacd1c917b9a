package dev.kausal.experiments.script

import dev.kausal.dsl.ExperimentScope
import java.lang.reflect.Modifier
import java.net.URI
import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.nameWithoutExtension
import kotlin.streams.asSequence

/** The public names of package `dev.kausal.dsl`, to suggest for unknown ones. */
internal object DslWords {
    private val GETTER = Regex("get([A-Z].*)")
    private val NAME = Regex("[A-Za-z]+")
    private val PLUMBING =
        setOf("equals", "hashCode", "toString", "copy", "getValue", "provideDelegate", "values", "valueOf")

    /** Functions, properties and types. */
    val all: Set<String> by lazy {
        classes().filter { Modifier.isPublic(it.modifiers) }.flatMap(::names).filter { NAME.matches(it) }.toSortedSet()
    }

    private fun names(type: Class<*>): List<String> {
        val methods = type.declaredMethods.filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic }
        val members = methods.map { it.name }.filter { it !in PLUMBING }.map(::property)
        return members + type.simpleName.takeUnless { it.endsWith("Kt") }.orEmpty()
    }

    /** Returns the property of a getter; a function's name as it is. */
    private fun property(method: String): String =
        GETTER.matchEntire(method)?.groupValues?.get(1)?.replaceFirstChar { it.lowercase() } ?: method

    /** Returns the classes of the package, including nested ones and those of files. */
    fun classes(): List<Class<*>> {
        val type = ExperimentScope::class.java
        val place = Path.of(type.protectionDomain.codeSource.location.toURI())
        val folder = type.packageName.replace('.', '/')
        return if (place.isDirectory()) {
            classes(place.resolve(folder), type.packageName)
        } else {
            FileSystems.newFileSystem(URI("jar:${place.toUri()}"), emptyMap<String, Any>())
                .use { classes(it.getPath(folder), type.packageName) }
        }
    }

    private fun classes(folder: Path, packageName: String): List<Class<*>> =
        Files.list(folder).use { files ->
            files.asSequence().filter { it.isRegularFile() && it.extension == "class" }
                .map { Class.forName("$packageName.${it.nameWithoutExtension}", false, javaClass.classLoader) }
                .toList()
        }
}
