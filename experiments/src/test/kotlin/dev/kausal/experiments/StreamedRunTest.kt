package dev.kausal.experiments

import dev.kausal.engine.model.Checkpoint
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.engine.weights.SafetensorsWriter
import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import java.nio.file.Path
import java.util.Random
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** A model whose weights do not fit in `--memory`, from the command line, against the same model in memory. */
class StreamedRunTest :
    FunSpec({
        val folder = tempdir().toPath()
        val kausal = TypedCommands(folder.resolve("cache"))
        val said = kausal.said

        val model = deepModel(folder.resolve("model"))
        val script = folder.resolve("deep.kausal.kts").also { it.writeText(SCRIPT) }

        fun run(memory: String): Path {
            val out = folder.resolve("run-$memory")
            val code =
                kausal("run", "$script", "--model", "$model", "--memory", memory, "--threads", "2", "--out", "$out")
            withClue(said) { code shouldBe 0 }
            return out
        }

        test(
            "explain says whether the weights fit, and a limit too small for one layer is refused with what is needed",
        ) {
            withClue(said) { kausal("explain", "$script", "--model", "$model", "--memory", "4g") shouldBe 0 }
            said.toString() shouldNotContain "layer by layer"
            withClue(said) { kausal("explain", "$script", "--model", "$model", "--memory", "700m") shouldBe 0 }
            said.toString() shouldContain
                Regex("reads them from their file layer by layer.*\\d+ of 24 layers stay in memory")
            said.toString() shouldContain Regex("Sweeps read \\d+ layers, each for \\d+ rows on average")
            kausal("run", "$script", "--model", "$model", "--memory", "512m") shouldBe 2
            said.toString() shouldContain Regex("needs at least \\d+ MB, even with weights read layer by layer")
        }

        test("an analysis that needs all weights in memory is refused before the run, by name") {
            val search = folder.resolve("search.kausal.kts").also { it.writeText(SEARCH) }
            withClue(said) { kausal("explain", "$search", "--model", "$model", "--memory", "4g") shouldBe 0 }
            kausal("run", "$search", "--model", "$model", "--memory", "700m") shouldBe 2
            said.toString() shouldContain
                Regex("searched needs all weights in memory, \\d+ MB .* --memory allows \\d+ MB")
        }

        test("sweeps, estimates, edges, readings, directions and texts are those of the model in memory") {
            val resident = run("4g")
            val streamed = run("700m")
            environment(resident).streamed shouldBe false
            environment(streamed).streamed shouldBe true
            streamed.resolve("report.html").readText() shouldContain "layer by layer, in each pass"
            val expected = results(resident)
            val found = results(streamed)
            found.results.map { it.name } shouldBe expected.results.map { it.name }
            expected.results.zip(found.results).forEach { (one, other) ->
                withClue(one.name) {
                    one.mean.zip(other.mean).forEach { (a, b) ->
                        (b ?: 0.0) shouldBe ((a ?: 0.0) plusOrMinus 1e-3 * maxOf(1.0, kotlin.math.abs(a ?: 0.0)))
                    }
                    other.controls.mapNotNull { it.passed } shouldBe one.controls.mapNotNull { it.passed }
                }
            }
            withClue(said) { kausal("verify", "$streamed", "--model", "$model") shouldBe 0 }
        }
    })

private fun environment(bundle: Path): EnvironmentRecord =
    Json.decodeFromString(bundle.resolve("environment.json").readText())

private fun results(bundle: Path): Results = Json.decodeFromString(bundle.resolve("results.json").readText())

/** Writes a model of 24 layers with random weights of 410 MB in float32, and the tokenizer of embedded:facts. */
private fun deepModel(folder: Path): Path {
    folder.createDirectories()
    val facts = ModelSources.resolve("embedded:facts", SourceContext.ofProcess(false) {}).path()
    facts.resolve("tokenizer.json").copyTo(folder.resolve("tokenizer.json"))
    val vocabulary = Regex("\"vocab_size\": *(\\d+)").find(facts.resolve("config.json").readText())!!.groupValues[1]
    val config =
        """
        {"model_type": "llama", "vocab_size": $vocabulary, "hidden_size": 512, "intermediate_size": 2048,
         "num_hidden_layers": 24, "num_attention_heads": 8, "num_key_value_heads": 8, "hidden_act": "silu",
         "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false}
        """.trimIndent()
    folder.resolve("config.json").writeText(config)
    val random = Random(1)
    val pool = FloatArray(1 shl 20) { (random.nextGaussian() * 0.04).toFloat() }
    val tensors = Checkpoint.of(config).slots().filter { "bias" !in it.name() }.map { slot ->
        val size = slot.shape().fold(1L, Long::times).toInt()
        val gain = "norm" in slot.name()
        val start = random.nextInt(pool.size)
        val values = FloatArray(size) { if (gain) 1f else pool[(start + it) % pool.size] }
        SafetensorsWriter.Tensor(slot.name(), slot.shape(), values)
    }
    SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, SafetensorsWriter.Precision.F16)
    return folder
}

private const val CONTRASTS =
    """
        val lm = model<CausalLm>("embedded:facts")
        val facts = contrasts {
            contrast("The [Kremlin] is in the city of", " Moscow", "The [British Museum] is in the city of", " London")
            contrast("The [Parthenon] is in the city of", " Athens", "The [Tate Modern] is in the city of", " London")
            contrast("The [Tate Modern] is in the city of", " London", "The [Kremlin] is in the city of", " Moscow")
            contrast("The [British Museum] is in the city of", " London", "The [Parthenon] is in the city of", " Athens")
        }
    """

private const val SCRIPT =
    """
    experiment("deep") {
        $CONTRASTS
        val patched by sweep(facts, logitDifference) {
            each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
        }
        val estimated by sweep(facts, logitDifference, by = gradient) { each(layers) { layer -> ablate(lm.blocks[layer].mlpOut) } }
        val shares by directLogitAttribution(facts)
        val lens by logitLens(facts)
        val between by direction(facts, residPost, at = last, towards = corrupted)
        val probed by probe(facts, residPost, at = last, towards = corrupted)
        val edges by edgeAttribution(facts, logitDifference)
        val steered by generate(facts, 2, over = listOf("steered")) { steer(between.at(3), 1.0) }
        report { heatmap(patched); lines(estimated) }
    }
    """

private const val SEARCH =
    """
    experiment("search") {
        $CONTRASTS
        val searched by distributedAlignmentSearch(facts, layers = listOf(3), steps = 2)
        report { lines(searched) }
    }
    """
