package dev.kausal.experiments.guide

import dev.kausal.dsl.Capability
import dev.kausal.experiments.script.DslWords
import kotlin.jvm.internal.Reflection
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredMembers

/**
 * Every word that a script can write: the public functions and properties of package `dev.kausal.dsl` and of the classes
 * in it, and the kinds of models.
 *
 * Left out are what the compiler calls for `by`, and what data classes bring.
 */
internal object ScriptWords {
    /** Types of what `by` names; scripts meet none of them by name. */
    private val host =
        setOf(
            "Analysis",
            "Declared",
            "Parameter",
        )
    private val notOfScripts = setOf("copy", "equals", "hashCode", "toString")
    private val component = Regex("component\\d+")

    private const val FACADE = "Kt"

    private val classes: List<Class<*>> = DslWords.classes()

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
}
