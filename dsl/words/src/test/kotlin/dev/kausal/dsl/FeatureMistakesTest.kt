package dev.kausal.dsl

import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.engine.model.ModelSource
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path

private fun dictionary(name: String): Path = Path.of("../../engine/src/test/resources/dictionaries").resolve(name)

/** Mistakes of sparse dictionaries on the tiny GPT-2, for which they were made, and on another model. */
class FeatureMistakesTest :
    FunSpec({
        test("features, counts and rankings that are not there") {
            val path = dictionary("topk")
            featureMistakes("gpt2") { _, set ->
                val sae = features("$path")
                val other = features("${dictionary("gated")}")
                val active by featureActivations(set, sae, top = 33, strongest = -1, skip = 3)
                val named by featureActivations(set, sae, only = other.feature(0))
                val share by featureAttribution(set, sae, accuracy, top = 4)
                val ablated by sweep(set, logit) { each(sae.features(31, 32, 31)) { ablate(it) } }
                val top by sweep(set, logit) { each(share.top(5)) { ablate(it) } }
                val steered by sweep(set, logit) { each(listOf(1), "k") { steer(sae.feature(1), Double.NaN) } }
            } shouldContainExactly
                listOf(
                    "strongest must be 0 or more; found -1",
                    "skip must be 0 to 2, less than the shortest prompt's tokens; found 3",
                    "top must be 1 to 32, the dictionary's features; found 33",
                    "only must be features of the same dictionary by number; found 0",
                    "the metric accuracy has no gradient, as it is a step, 0 or 1; estimate logitDifference, logit " +
                        "or another built-in metric, or leave out by = to compute the sweep",
                    "the dictionary \"$path\" has features 0 to 31, not 32",
                    "top must be 1 to 4, the features of share; found 5",
                    "the strength must be a finite number; found NaN",
                )
        }

        test("dictionaries that do not fit the model, or name no hook point") {
            val gpt2 = dictionary("topk")
            featureMistakes("llama") { _, set ->
                val active by featureActivations(set, features("$gpt2"))
            } shouldContainExactly
                listOf(
                    "the dictionary \"$gpt2\" reads 20 numbers per position, but blocks.1.hook_resid_pre has 24 " +
                        "numbers per position; $REMEDY",
                )
            val scope = dictionary("gemma-scope/layer_1/width_16k/average_l0_5")
            val found = featureMistakes("gpt2") { lm, set ->
                val active by featureActivations(set, features("$scope"))
                val placed by featureActivations(set, features("$scope", site = lm.blocks[1].residPost))
                val misplaced by featureActivations(set, features("$scope", site = lm.blocks[0].attn.pattern))
            }
            found shouldHaveSize 2
            found[0] shouldContain "(Gemma Scope) do not tell which hook point it reads; give site"
            found[1] shouldContain "but blocks.0.attn.hook_pattern is attention between positions; $REMEDY"
            featureMistakes("gpt2") { lm, set ->
                val beyond by featureActivations(set, features("$scope", site = lm.blocks[7].residPost))
            }.single() shouldContain "blocks.7.hook_resid_post"
        }

        test("files that are none, and edits of a transcoder") {
            val transcoder = dictionary("skip-transcoder")
            val found = featureMistakes("gpt2") { lm, set ->
                val active by featureActivations(set, features("nowhere"))
                val read by featureActivations(set, features("$transcoder"))
                val coder = features("$transcoder", site = lm.blocks[0].residPre)
                val edited by sweep(set, logit) { each(coder.features(1)) { ablate(it) } }
            }
            found shouldHaveSize 2
            found[0] shouldContain "the dictionary \"nowhere\" cannot be used: Cannot read a dictionary from nowhere"
            found[1] shouldContain "cannot be edited: it reads blocks.0.hook_resid_pre and reconstructs " +
                "blocks.0.hook_mlp_out"
        }

        test("sets of transcoders that do not stand for the MLPs of all layers") {
            val circuits = dictionary("circuit-tracer")
            featureMistakes("gpt2") { _, set ->
                val coders = transcoders("$circuits")
                val graph by attributionGraph(set, coders, maxFeatures = 0, probability = 1.5, skip = 3)
            } shouldContainExactly
                listOf(
                    "skip must be 0 to 2, less than the shortest prompt's tokens; found 3",
                    "maxFeatures must be 1 or more; found 0",
                    "probability must be more than 0, at most 1; found 1.5",
                )

            fun ExperimentScope.first() = features("$circuits/layer_0.safetensors")
            featureMistakes("gpt2") { _, set ->
                val graph by attributionGraph(set, transcoders(first()))
            } shouldContainExactly
                listOf(
                    "\"$circuits/layer_0.safetensors\" has no transcoder of layer 1; an attribution graph needs " +
                        "one for each " +
                        "of the model's 2 layers",
                )
            val sae = dictionary("topk")
            featureMistakes("gpt2") { _, set ->
                val graph by attributionGraph(set, transcoders(first(), features("$sae")))
                val again by attributionGraph(set, transcoders("${dictionary("nowhere")}"))
                val empty by attributionGraph(set, transcoders("${dictionary("sparsify/layers.1")}"))
            }.map { it.substringAfter(": ") } shouldContainExactly
                listOf(
                    "the dictionary \"$sae\" is an autoencoder of blocks.1.hook_resid_pre, but an attribution " +
                        "graph needs " +
                        "transcoders, which reconstruct an MLP's output from its input",
                    "expected layer_0.safetensors and so on beside config.yaml, or a folder for each " +
                        "transcoder; found no folder",
                    "expected layer_0.safetensors and so on beside config.yaml, or a folder for each " +
                        "transcoder; found cfg.json, " +
                        "expected.safetensors, sae.safetensors",
                )
            featureMistakes("gpt2") { _, set ->
                val second = features("${dictionary("skip-transcoder")}")
                val graph by attributionGraph(set, transcoders(first(), second))
            }.single() shouldContain "are both transcoders of layer 0; name one"
            featureMistakes("llama") { _, set ->
                val graph by attributionGraph(set, transcoders("$circuits"))
            }.first() shouldContain "reads 20 numbers per position, but blocks.0.hook_resid_mid has 24"
        }
    })

private const val REMEDY =
    "use a dictionary of this model, or give the hook point that it was trained on as site"

private fun featureMistakes(
    model: String,
    words: ExperimentScope.(Model<CausalLm>, Contrasts<CausalLm>) -> Unit,
): List<String> =
    ModelSource.open(tinyFolder(model)).use { source ->
        try {
            declared {
                val lm = model<CausalLm>("tiny")
                words(lm, contrasts { contrast("the [cat] sat", "the", "the [dog] sat", "sat", label = "a") })
            }.boundTo(source)
            emptyList()
        } catch (e: ScriptMistakes) {
            e.mistakes.map { it.message }
        }
    }
