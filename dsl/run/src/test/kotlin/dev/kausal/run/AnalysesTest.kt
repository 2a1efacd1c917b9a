package dev.kausal.run

import dev.kausal.dsl.on
import dev.kausal.spec.AnalysisSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.readText
import kotlin.io.path.walk

/** Every class of analysis specs has one object for each layer, and no code elsewhere tells them apart. */
class AnalysesTest :
    FunSpec({
        val specs = leaves(AnalysisSpec::class.java).map { it.simpleName }

        test("every class of analysis specs has one analysis") {
            Analyses.all.map { it.spec.java.simpleName } shouldContainExactlyInAnyOrder specs
        }

        test("a class of analysis specs is named by its spec, its analysis, its word and its story alone") {
            val strangers =
                sources().filterNot { (path) -> OWN.any { it in path } }.flatMap { (path, text) ->
                    specs
                        .filter { Regex("\\b$it\\b").containsMatchIn(text) }
                        .filterNot { it == "SweepSpec" || path.substringAfterLast('/') to it in ALLOWED }
                        .map { "$it in $path" }
                }
            strangers shouldBe emptyList()
        }

        test("nothing branches on the class of an analysis spec") {
            val branch = Regex("(?m)^\\s*(?:!?is (?:${specs.joinToString("|")})\\b[^\\n]*(?:,|->))")
            sources().filter { (_, text) -> branch.containsMatchIn(text) }.map { it.first } shouldBe emptyList()
        }

        test("a kind of result is named where results are made or told, and compared nowhere") {
            val compared = Regex("[!=]= ?ResultKind\\.|ResultKind\\.\\w+\\s*(?:->|,\\s*ResultKind\\.\\w+\\s*->)")
            for ((path, text) in sources()) {
                (path to compared.containsMatchIn(text)) shouldBe (path to false)
                if (KINDS.none { it in path }) (path to ("ResultKind." in text)) shouldBe (path to false)
            }
        }
    })

/** Where an analysis has its files. */
private val OWN =
    listOf(
        "kausal/spec/",
        "kausal/run/analyses/",
        "kausal/run/Analyses.kt",
        "kausal/dsl/words/",
        "kausal/reports/stories/",
    )

/** Where kinds of results are named. */
private val KINDS =
    listOf(
        "kausal/spec/",
        "kausal/run/analyses/",
        "kausal/run/sweep/SweepResult.kt",
        "kausal/run/inference/Inference.kt",
        "kausal/reports/page/Differences.kt",
        "kausal/reports/stories/",
    )

/** A figure frames the patch that looks, which only attention maps have. */
private val ALLOWED = setOf("ImageMaps.kt" to "AttentionMapsSpec")

/** Main sources of the modules that know specs: their paths and their text. */
private fun sources(): List<Pair<String, String>> =
    listOf("dsl/spec", "dsl/words", "dsl/run", "reports", "experiments").flatMap { module ->
        val found = Path.of("../..", module, "src", "main").walk().filter { it.extension == "kt" }.toList()
        check(found.isNotEmpty()) { "no sources of $module" }
        found.map { it.invariantSeparatorsPathString to it.readText() }
    }

/** The classes that a sealed [type] has, at all depths. */
private fun leaves(type: Class<*>): List<Class<*>> =
    type.permittedSubclasses?.flatMap { leaves(it) } ?: listOf(type)
