package dev.kausal.run

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.attributionGraph
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.script
import dev.kausal.dsl.transcoders
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Torch
import dev.kausal.engine.weights.SafetensorsWriter
import dev.kausal.engine.weights.SafetensorsWriter.Tensor
import dev.kausal.engine.weights.WeightStores
import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureNodeKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path

/** A constructed model whose layer 1 has a neuron for each subject, which writes its city. */
private val lookup: Path = Path.of("../../engine/src/main/resources/embedded/lookup")

private fun silenced(bias: Tensor) = Tensor(bias.name(), bias.shape(), FloatArray(bias.values().size) { -1e6f })

/** Writes the MLPs of a GPT-2 with ReLU as transcoders, in circuit-tracer's layout. */
private fun mlps(
    model: Path,
    layers: Int,
    silent: Boolean = false,
): Path {
    val folder = Files.createTempDirectory("transcoders")
    WeightStores.open(model.resolve("model.safetensors")).use { store ->
        Torch.manager().use { manager ->
            repeat(layers) { layer ->
                fun read(name: String): NDArray {
                    val tensor = store.tensors().keys.first { it.endsWith("h.$layer.mlp.$name") }
                    return store.read(tensor, manager)
                }
                val encoder = read("c_fc.weight").transpose()
                val decoder = read("c_proj.weight")
                val tensors =
                    mapOf(
                        "W_enc" to encoder,
                        "W_dec" to decoder,
                        "b_enc" to read("c_fc.bias"),
                        "b_dec" to read("c_proj.bias"),
                    ).map { (name, array) -> Tensor(name, array.shape.shape, array.toFloatArray()) }
                        .map { if (silent && it.name() == "b_enc") silenced(it) else it }
                val file = folder.resolve("layer_$layer.safetensors")
                SafetensorsWriter.write(file, tensors, SafetensorsWriter.Precision.F32)
            }
        }
    }
    Files.writeString(
        folder.resolve("config.yaml"),
        "model_kind: transcoder_set\nfeature_input_hook: mlp.hook_in\nfeature_output_hook: hook_mlp_out\nscan: mlps\n",
    )
    return folder
}

private fun graphs(
    folder: Path,
    vararg prompts: String,
): BoundExperiment =
    ModelSource.open(lookup).use { source ->
        val declared = inTestFile {
            script { _ ->
                withoutInference()
                val set = contrasts { prompts.forEach { contrast(it, " rome", it, " oslo") } }
                val graph by attributionGraph(set, transcoders("$folder"))
            }
        }
        inTestFile { declared.bind(ModelFacts.of("embedded:lookup", source)) }
    }

/** Attribution graphs of a model whose circuit is known, with its own MLPs as transcoders. */
class AttributionGraphRunTest :
    FunSpec({
        val model = HookedModel.open(lookup)
        afterSpec { model.close() }

        test("with the MLPs as transcoders nothing is an error, and the subject's neuron leads to the city") {
            val bound = graphs(mlps(lookup, 4), ". the [red tower] is in")
            val result = bound.run(model).named("graph")
            val graph = result.graphs!!.single()
            graph.nodes.map { it.kind } shouldNotContain FeatureNodeKind.Error
            result.perExample.single().map { it!! }.forEach { it shouldBe (1.0 plusOrMinus 1e-4) }
            val best = graph.nodes.first { it.kind == FeatureNodeKind.Logit }
            best.token shouldBe " rome"
            val strongest = strongest(graph, graph.nodes.indexOf(best))
            strongest.kind shouldBe FeatureNodeKind.Feature
            (strongest.layer to strongest.position) shouldBe (1 to 3)
            bound.spec.dictionaries.map { it.scan } shouldContainExactly List(4) { "mlps" }
        }

        test("with transcoders that find nothing, all of the MLP is an error, and each prompt has its graph") {
            val bound = graphs(mlps(lookup, 4, silent = true), ". the [red tower] is in", ". the [blue tower] is in")
            val result = bound.run(model).named("graph")
            result.graphs!!.forEach { graph ->
                graph.active shouldBe 0
                val answer = graph.nodes.indexOfFirst { it.kind == FeatureNodeKind.Logit }
                strongest(graph, answer).let { it.kind to it.layer } shouldBe (FeatureNodeKind.Error to 1)
                graph.replacement shouldBeLessThan 0.9
            }
            val answers = result.graphs!!.map { graph -> graph.nodes.first { it.kind == FeatureNodeKind.Logit }.token }
            answers[0] shouldBe " rome"
            answers[1] shouldBe " oslo"
        }
    })

private fun strongest(
    graph: FeatureGraphRecord,
    target: Int,
) = graph.nodes[graph.links.filter { it.target == target }.maxBy { it.weight }.source]
