package dev.kausal.run

import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe

/** A package uses those before it only, so that none uses one that uses it. */
class PackageOrderTest :
    FunSpec({
        val classes =
            ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ORDER.keys.map { "$ROOT.$it" })

        test("every package has its place") {
            classes.map { it.packageName.removePrefix("$ROOT.") }.toSortedSet() shouldBe ORDER.keys.toSortedSet()
        }

        test("no package uses a later one") {
            uses(classes) { from, to -> ORDER.getValue(from) < (ORDER[to] ?: -1) }.shouldBeEmpty()
        }

        test("data knows neither the engine nor its libraries") {
            val data = setOf("spec", "statistics", "bundle")
            val known = classes.filter { it.packageName.removePrefix("$ROOT.") in data }.flatMap { targets(it) }
            known.map { it.packageName }.filter { name -> NATIVE.any { name.startsWith(it) } }.shouldBeEmpty()
            known.map { it.packageName } shouldContainAll listOf("dev.kausal.spec", "dev.kausal.statistics")
        }

        test("a run knows no word, and words know no run") {
            uses(classes) { from, to ->
                listOf("run", "dsl").let { both -> both.any { it.holds(from) } && both.any { it.holds(to) } } &&
                    from.substringBefore('.') != to.substringBefore('.')
            }.shouldBeEmpty()
        }
    })

private const val ROOT = "dev.kausal"

private val NATIVE = listOf("dev.kausal.engine", "ai.djl")

/**
 * Each package of the modules spec, words and run, with its place. Words, what they declare and how that is bound have one place:
 * a declaration holds words, and binds itself.
 */
private val ORDER: Map<String, Int> =
    listOf(
        listOf("spec"),
        listOf("statistics"),
        listOf("bundle"),
        listOf("dsl.jinja"),
        listOf("dsl.mistakes"),
        listOf("dsl.host"),
        listOf("dsl", "dsl.declare", "dsl.bind"),
        listOf("run.backend"),
        listOf("run.inputs"),
        listOf("run.inference"),
        listOf("run.context"),
        listOf("run.directions"),
        listOf("run.sweep"),
        listOf("run.analyses"),
        listOf("run.controls"),
        listOf("run"),
    ).flatMapIndexed { place, packages -> packages.map { it to place } }.toMap()

private fun String.holds(other: String) = other == this || other.startsWith("$this.")

private fun targets(type: JavaClass): List<JavaClass> = type.directDependenciesFromSelf.map { it.targetClass }

/** Uses of one class by another whose packages [accepts] both. */
private fun uses(
    classes: JavaClasses,
    accepts: (String, String) -> Boolean,
): List<String> =
    classes
        .flatMap { from -> targets(from).map { from to it } }
        .filter { (_, to) -> to.packageName.startsWith("$ROOT.") }
        .filter { (from, to) ->
            accepts(from.packageName.removePrefix("$ROOT."), to.packageName.removePrefix("$ROOT."))
        }
        .map { (from, to) -> "${from.name} uses ${to.name}" }
        .distinct()
        .sorted()
