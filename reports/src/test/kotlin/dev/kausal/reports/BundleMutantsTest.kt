package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleException
import dev.kausal.reports.page.ReportPage
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.random.Random

private const val MUTANTS = 150

/** Bundles with one change in their JSON, the same each time: they have a page, or an error about the bundle. */
class BundleMutantsTest :
    FunSpec({
        for (name in listOf("language", "vision")) {
            for (file in listOf("spec.json", "results.json", "environment.json")) {
                test("$name: changes of $file") {
                    val from = Path.of(BundleMutantsTest::class.java.getResource("/bundles-0.1.0/$name")!!.toURI())
                    val folder = tempdir().toPath()
                    from.toFile().copyRecursively(folder.toFile(), overwrite = true)
                    val whole = Json.parseToJsonElement(from.resolve(file).readText())
                    val failures = mutableMapOf<String, String>()
                    repeat(MUTANTS) { seed ->
                        folder.resolve(file).writeText(Changes(Random(seed)).of(whole).toString())
                        try {
                            ReportPage.render(Bundle.read(folder))
                        } catch (_: BundleException) {
                            // What is wrong is said.
                        } catch (
                            @Suppress("TooGenericExceptionCaught") e: Throwable,
                        ) {
                            val place = e.stackTrace.firstOrNull { it.className.startsWith("dev.kausal") }
                            failures.putIfAbsent("$place", "$seed: $e")
                        }
                    }
                    withClue(failures.entries.joinToString("\n")) { failures.keys.shouldBeEmpty() }
                }
            }
        }
    })

/** One value somewhere in a tree removed, repeated or replaced. */
private class Changes(
    private val random: Random,
) {
    fun of(tree: JsonElement): JsonElement {
        val places = count(tree)
        return changed(tree, intArrayOf(random.nextInt(1, places)))
    }

    private fun count(tree: JsonElement): Int =
        1 + when (tree) {
            is JsonObject -> tree.values.sumOf(::count)
            is JsonArray -> tree.sumOf(::count)
            is JsonPrimitive -> 0
        }

    /** [left] values come before the one that is changed. */
    private fun changed(
        tree: JsonElement,
        left: IntArray,
    ): JsonElement {
        if (left[0]-- == 0) return other(tree)
        return when (tree) {
            is JsonObject -> JsonObject(tree.mapValues { if (left[0] < 0) it.value else changed(it.value, left) })
            is JsonArray -> JsonArray(tree.map { if (left[0] < 0) it else changed(it, left) })
            is JsonPrimitive -> tree
        }
    }

    private fun other(value: JsonElement): JsonElement =
        when (random.nextInt(8)) {
            0 -> JsonNull
            1 -> JsonPrimitive(random.nextInt(-3, 100))
            2 -> JsonPrimitive("")
            3 -> if (value is JsonArray) JsonArray(value.drop(1)) else JsonArray(emptyList())
            4 -> if (value is JsonArray) JsonArray(value + value.takeLast(1)) else JsonPrimitive(1e300)
            5 -> JsonPrimitive(Int.MAX_VALUE)
            6 -> JsonPrimitive("-1")
            else -> JsonObject(emptyMap())
        }
}
