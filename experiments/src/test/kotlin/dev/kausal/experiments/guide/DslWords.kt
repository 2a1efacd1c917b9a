package dev.kausal.experiments.guide

import dev.kausal.dsl.Capability
import dev.kausal.dsl.ExperimentScope
import java.nio.file.FileSystems
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.toPath
import kotlin.jvm.internal.Reflection
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMembers

/**
 * Every word that a script can write: the public functions and properties of package `dev.kausal.dsl` and of the classes
 * in it, and the kinds of models.
 *
 * Left out are what the host of scripts uses, what the compiler calls for `by`, and what data classes bring.
 */
internal object DslWords {
    /** Types of the host; scripts meet none of them by name. */
    private val host =
        setOf(
            "Analysis", "BoundExperiment", "BracketFault", "ContrastPart", "Declared", "ExperimentDeclaration", "FieldFault",
            "ImageFacts", "Mistake", "ModelFacts", "ModelImages", "Parameter", "ParameterType", "PromptLength",
            "ScriptContext", "ScriptLines", "ScriptMistakes", "ScriptPlace", "SeenImage",
        )
    private val notOfScripts = setOf("capabilityOf", "copy", "equals", "hashCode", "toString")
    private val component = Regex("component\\d+")

    private const val PACKAGE = "dev.kausal.dsl"
    private const val FACADE = "Kt"

    private val classes: List<Class<*>> =
        classFiles().map { Class.forName("$PACKAGE.$it", false, ExperimentScope::class.java.classLoader) }

    /** Names of functions and properties, each with what declares it. */
    val members: Map<String, List<String>> =
        (topLevel() + ofClasses())
            .filterNot { (word) -> word in notOfScripts || component.matches(word) }
            .groupBy({ it.first }, { it.second })
            .mapValues { it.value.distinct() }
            .toSortedMap()

    /** The kinds of models, which stand in `model<...>`. */
    val kinds: List<String> =
        classes.filter { Capability::class.java.isAssignableFrom(it) }.map { it.simpleName }.sorted()

    private fun topLevel(): List<Pair<String, String>> =
        classes.filter { it.name.endsWith(FACADE) }.flatMap { file ->
            val place = file.simpleName.removeSuffix(FACADE) + ".kt"
            Reflection.getOrCreateKotlinPackage(file).members.filter(::isPublic).map { it.name to place }
        }

    private fun ofClasses(): List<Pair<String, String>> =
        classes
            .filterNot { it.name.endsWith(FACADE) || it.name.substringAfterLast('.').substringBefore('$') in host }
            .filterNot { it.isAnonymousClass || it.isSynthetic || it.isLocalClass }
            .map { it.kotlin }
            .filter { it.isReachable() }
            .flatMap { type ->
                type.declaredMembers.filter(::isPublic).map { it.name to type.simpleName.orEmpty() }
            }

    private fun KClass<*>.isReachable(): Boolean =
        visibility == KVisibility.PUBLIC && java.enclosingClass?.kotlin?.isReachable() != false

    private fun isPublic(member: KCallable<*>) = member.visibility == KVisibility.PUBLIC

    private fun classFiles(): List<String> {
        val place = ExperimentScope::class.java.protectionDomain.codeSource.location.toURI().toPath()
        val folder = PACKAGE.replace('.', '/')
        val names = { root: Path -> root.resolve(folder).listDirectoryEntries("*.class").map { it.name } }
        val files = if (place.isDirectory()) {
            names(place)
        } else {
            FileSystems.newFileSystem(place).use { jar -> names(jar.getPath("/")) }
        }
        return files.map { it.removeSuffix(".class") }
    }
}
