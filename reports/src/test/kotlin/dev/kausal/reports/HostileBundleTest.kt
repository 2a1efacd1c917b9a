package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.reports.page.ComparisonPage
import dev.kausal.reports.page.ReportPage
import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.jsoup.Jsoup
import org.jsoup.nodes.Comment
import org.jsoup.nodes.Document
import java.nio.file.Path

/**
 * Pages of bundles in which every text that a stranger may choose is markup: the page has the elements and attributes that
 * it has for other texts, and no more.
 */
class HostileBundleTest :
    FunSpec({
        val payloads =
            mapOf(
                "a way out of text and of attributes" to
                    "'\"><meta http-equiv=refresh content=0><x-foreign y-foreign=1>",
                "a comment and the end of a script" to "<!--<script></script><x-foreign y-foreign=1>]]>",
                "an entity that is decoded twice" to "&lt;x-foreign&gt;&#60;x-foreign y-foreign=1&#62;",
            )

        for (name in listOf("language", "vision")) {
            val plain = Bundle.read(
                Path.of(HostileBundleTest::class.java.getResource("/bundles-0.1.0/$name")!!.toURI()),
            )
            val trees = Trees.of(plain)
            val alone = trees.texts().associateWith { page(trees.renamed(setOf(it), payloads.values.first()), plain) }
            val free = alone.filterValues { it != null }.keys

            test("$name: names, labels, tokens and notes may be anything") {
                val paths = "facts of the test: ${free.size} of ${trees.texts().size} texts are free"
                withClue(paths) { free.size shouldBeGreaterThan 30 }
            }

            for ((what, payload) in payloads) {
                test("$name: $what stays text") {
                    val bundle = trees.renamed(free, payload).decoded(plain).copy(script = "// $payload\n")
                    val pages =
                        listOf(
                            ReportPage.render(plain) to ReportPage.render(bundle),
                            compared(plain, "") to compared(bundle, payload),
                        )
                    for ((benign, hostile) in pages) unchanged(Jsoup.parse(benign), Jsoup.parse(hostile), payload)
                }
            }

            test("$name: each text by itself stays text") {
                val benign = shape(Jsoup.parse(ReportPage.render(plain)))
                for (text in free) {
                    withClue(text) {
                        (shape(Jsoup.parse(alone.getValue(text)!!)) - benign).shouldBeEmpty()
                    }
                }
            }
        }
    })

/** The page of what [trees] are; null if they are no bundle, as where the name of a class or of a field is another. */
private fun page(
    trees: Trees,
    rest: Bundle,
): String? = runCatching { ReportPage.render(trees.decoded(rest)) }.getOrNull()

private fun compared(
    bundle: Bundle,
    suffix: String,
): String = ComparisonPage.render(listOf("one$suffix" to bundle, "two$suffix" to bundle))

private fun unchanged(
    benign: Document,
    hostile: Document,
    payload: String,
) {
    (shape(hostile) - shape(benign)).shouldBeEmpty()
    hostile.select("script").size shouldBe benign.select("script").size
    hostile.nodeStream(Comment::class.java).toList().shouldBeEmpty()
    hostile.body().wholeText() shouldContain payload
}

/** Elements and their attributes; styles and links with what they lead to. */
private fun shape(page: Document): Set<String> =
    page.allElements.flatMap { element ->
        listOf(element.normalName()) +
            element.attributes().map { "${element.normalName()} ${it.key}" } +
            listOf("http-equiv", "style", "onclick", "src").filter(element::hasAttr).map {
                "$it ${element.attr(it).take(40)}"
            }
    }.toSet()

/** The three files of a bundle as trees. */
private class Trees(
    private val spec: JsonElement,
    private val results: JsonElement,
    private val environment: JsonElement,
) {
    fun texts(): Set<String> = listOf(spec, results, environment).flatMap(::texts).toSet()

    private fun texts(of: JsonElement): List<String> =
        when (of) {
            is JsonObject -> of.keys.toList() + of.values.flatMap(::texts)
            is JsonArray -> of.flatMap(::texts)
            is JsonPrimitive -> listOfNotNull(of.content.takeIf { _ -> of.isString })
        }

    /** The same with [suffix] behind every text of [of], so that names still lead to what they name. */
    fun renamed(
        of: Set<String>,
        suffix: String,
    ) = Trees(renamed(spec, of, suffix), renamed(results, of, suffix), renamed(environment, of, suffix))

    private fun renamed(
        tree: JsonElement,
        of: Set<String>,
        suffix: String,
    ): JsonElement =
        when (tree) {
            is JsonObject -> {
                JsonObject(
                    tree.entries.associate { (key, value) ->
                        (if (key in of) key + suffix else key) to renamed(value, of, suffix)
                    },
                )
            }

            is JsonArray -> {
                JsonArray(tree.map { renamed(it, of, suffix) })
            }

            is JsonPrimitive -> {
                if (tree.isString && tree.content in of) JsonPrimitive(tree.content + suffix) else tree
            }
        }

    /** The bundle with these files and the rest of [rest]. */
    fun decoded(rest: Bundle): Bundle {
        val json = BundleFiles.compact
        return rest.copy(
            spec = json.decodeFromJsonElement(ExperimentSpec.serializer(), spec),
            results = json.decodeFromJsonElement(Results.serializer(), results),
            environment = json.decodeFromJsonElement(EnvironmentRecord.serializer(), environment),
        )
    }

    companion object {
        fun of(bundle: Bundle): Trees {
            val json = BundleFiles.compact
            return Trees(
                json.encodeToJsonElement(ExperimentSpec.serializer(), bundle.spec),
                json.encodeToJsonElement(Results.serializer(), bundle.results),
                json.encodeToJsonElement(EnvironmentRecord.serializer(), bundle.environment),
            )
        }
    }
}
