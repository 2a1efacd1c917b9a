package dev.kausal.bundle

import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureLink
import dev.kausal.spec.FeatureNode
import dev.kausal.spec.FeatureNodeKind
import dev.kausal.spec.PromptSpec
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.double
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.float
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path
import kotlin.io.path.readText

private val graphs: Path = Path.of("../../engine/src/test/resources/graphs")

private fun json(
    name: String,
    file: String,
): JsonObject = Json.parseToJsonElement(graphs.resolve(name).resolve(file).readText()).jsonObject

private fun JsonObject.numbers(name: String) = getValue(name).jsonArray.map { it.jsonPrimitive }

/** Attribution graphs in circuit-tracer's file, field by field against the one that it writes itself. */
class FeatureGraphFileTest :
    FunSpec({
        for (name in listOf("gpt2-relu", "gpt2-jumprelu-skip", "llama-relu-skip", "gemma2-jumprelu")) {
            test("the file of $name is circuit-tracer's") {
                val graph = json(name, "graph.json")
                val layers = graph.getValue("adjacency").jsonArray.size.let { layersOf(graph, it) }
                val ids = graph.numbers("prompt").map { it.int }
                val prompt = PromptSpec(ids.joinToString(" ") { "t$it" }, ids, ids.map { "t$it" })
                val file = FeatureGraphFile.of(record(graph, layers), prompt, layers, "facts")
                val found = Json.parseToJsonElement(file.text()).jsonObject
                same(found, json(name, "model.json"), name)
                FeatureGraphFile.read(file.text()) shouldBe file
            }
        }
    })

private fun layersOf(
    graph: JsonObject,
    nodes: Int,
): Int {
    val others = nodes - graph.numbers("logits").size - graph.getValue("features").jsonArray.size
    return others / graph.numbers("prompt").size - 1
}

/** The graph that circuit-tracer's arrays describe. */
private fun record(
    graph: JsonObject,
    layers: Int,
): FeatureGraphRecord {
    val features = graph.getValue("features").jsonArray.map { one -> one.jsonArray.map { it.jsonPrimitive.int } }
    val prompt = graph.numbers("prompt").map { it.int }
    val logits = graph.numbers("logits").map { it.int }
    val cumulative = graph.numbers("cumulative").map { it.double }
    val kept = graph.numbers("nodes").map { it.int }
    val tokens = features.size + layers * prompt.size

    fun node(index: Int): FeatureNode =
        when {
            index < features.size -> {
                val (layer, position, feature) = features[index]
                val activation = graph.numbers("activations")[index].float
                FeatureNode(
                    FeatureNodeKind.Feature,
                    layer,
                    position,
                    feature,
                    null,
                    activation,
                    null,
                    0.0,
                    cumulative[index],
                )
            }

            index < tokens -> {
                val at = index - features.size
                val position = at % prompt.size
                FeatureNode(
                    FeatureNodeKind.Error,
                    at / prompt.size,
                    position,
                    influence = 0.0,
                    cumulative = cumulative[index],
                )
            }

            index < tokens + prompt.size -> {
                val at = index - tokens
                FeatureNode(
                    FeatureNodeKind.Token,
                    null,
                    at,
                    prompt[at],
                    "t${prompt[at]}",
                    cumulative = cumulative[index],
                )
            }

            else -> {
                val at = index - tokens - prompt.size
                val probability = graph.numbers("probabilities")[at].double
                val token = "t${logits[at]}"
                FeatureNode(FeatureNodeKind.Logit, null, prompt.size - 1, logits[at], token, probability = probability)
            }
        }
    val adjacency = graph.getValue("adjacency").jsonArray
    val links = graph.getValue("edges").jsonArray.map { edge ->
        val (target, source) = edge.jsonArray.map { it.jsonPrimitive.int }
        val weight = adjacency[target].jsonArray[source].jsonPrimitive.float
        FeatureLink(kept.indexOf(source), kept.indexOf(target), weight)
    }
    return FeatureGraphRecord(
        graph.getValue("active").jsonPrimitive.int,
        features.size,
        kept.map(::node),
        links,
        0.0,
        0.0,
        "tiny",
        0.8,
    )
}

/** Compares numbers with a tolerance, and everything else exactly. */
private fun same(
    found: JsonElement,
    expected: JsonElement,
    path: String,
) {
    withClue(path) {
        when (expected) {
            is JsonObject -> {
                found.jsonObject.keys shouldBe expected.keys
                expected.forEach { (key, value) -> same(found.jsonObject.getValue(key), value, "$path.$key") }
            }

            is JsonPrimitive -> {
                val number = expected.doubleOrNull?.takeIf { !expected.isString }
                if (number == null) {
                    found shouldBe expected
                } else {
                    found.jsonPrimitive.double shouldBe (number plusOrMinus 1e-6)
                }
            }

            else -> {
                found.jsonArray.size shouldBe expected.jsonArray.size
                expected.jsonArray.forEachIndexed { i, value -> same(found.jsonArray[i], value, "$path[$i]") }
            }
        }
    }
}
