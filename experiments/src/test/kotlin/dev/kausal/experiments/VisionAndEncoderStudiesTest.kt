package dev.kausal.experiments

import dev.kausal.experiments.cli.CommandLine
import dev.kausal.experiments.cli.Console
import dev.kausal.experiments.cli.Session
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.math.abs

/** The shipped studies of attention on tiny random models of every format that they are for. */
class VisionAndEncoderStudiesTest :
    FunSpec({
        val folder = tempdir().toPath()
        val resources = Path.of("../engine/src/test/resources")
        val drawings = Path.of("src/main/resources/studies/vision-debug/pictures")

        fun kausal(vararg words: String): Pair<Int, String> {
            val err = ByteArrayOutputStream()
            val console = Console(PrintStream(err), PrintStream(err))
            val said = words.toList()
            val session = Session(EngineWorkbench(), console, folder.resolve("cache"), said, onTerminal = false)
            return CommandLine(session).run(said) to err.toString()
        }

        fun model(name: String, tokenizer: Boolean): Path {
            val target = folder.resolve("model-$name").createDirectories()
            resources.resolve("tiny/$name").listDirectoryEntries().filterNot { it.name.startsWith("dump") }.forEach {
                it.copyTo(target.resolve(it.name), overwrite = true)
            }
            val words = resources.resolve("tokenizers/wordpiece-template/tokenizer.json")
            if (tokenizer) words.copyTo(target.resolve("tokenizer.json"), overwrite = true)
            return target
        }

        fun results(bundle: Path) = Json.decodeFromString<Results>(bundle.resolve("results.json").readText()).results

        fun plain(result: Result) = (result.plain ?: result.perExample).flatten().map { it!! }

        fun spec(bundle: Path) = Json.decodeFromString<ExperimentSpec>(bundle.resolve("spec.json").readText())

        for (name in listOf("vit", "timm-vit-qk-norm")) {
            test("vision-attention on $name") {
                val out = folder.resolve("attention-$name")
                kausal("run", "vision-attention", "--model", "${model(name, false)}", "--out", "$out").first shouldBe 0
                val found = results(out)
                found.map { it.name } shouldContain "alike.maps"
                found.first { it.name == "rolled" }.shape.drop(1) shouldBe listOf(3, 3)
                found.all { result -> result.perExample.size == 3 } shouldBe true
                out.resolve("images").listDirectoryEntries().size shouldBe 3
                val image = spec(out).contrasts.single().contrasts[0].clean.image!!
                out.resolve(image.picture).exists() shouldBe true
                kausal("report", "$out").first shouldBe 0
                out.resolve("report.html").readText() shouldContain "Attention rollout (Abnar and Zuidema 2020)"
            }
        }

        for ((name, classes) in listOf("vit" to listOf("LABEL_1", "LABEL_3"), "timm-vit" to listOf("3", "1"))) {
            test("vision-debug on $name, by plan and exactly") {
                val pictures = folder.resolve("pictures-$name")
                classes.zip(listOf("3", "8")).forEach { (label, drawn) ->
                    val place = pictures.resolve(label).createDirectories()
                    listOf("a.png", "b.png").forEach { drawings.resolve("$drawn/$it").copyTo(place.resolve(it)) }
                }
                val settings =
                    listOf(
                        "pictures=$pictures",
                        "first=$pictures/${classes[0]}/a.png",
                        "right=${classes[0]}",
                        "second=$pictures/${classes[1]}/b.png",
                        "wrong=${classes[1]}",
                    ).flatMap { listOf("--set", it) }.toTypedArray()
                val common = arrayOf("vision-debug", "--model", "${model(name, false)}", *settings)
                val out = folder.resolve("debug-$name")
                val exact = folder.resolve("exact-$name")
                kausal("run", *common, "--out", "$out").first shouldBe 0
                kausal("run", *common, "--out", "$exact", "--exact").first shouldBe 0
                results(out).zip(results(exact)).forEach { (a, b) ->
                    val differences = plain(a).zip(plain(b)).map { (x, y) -> abs(x - y) }
                    (a.name to (differences.max() < 1e-4)) shouldBe (b.name to true)
                }
                val (code, plan) = kausal("explain", *common)
                code shouldBe 0
                plan shouldContain "sweeps, compiled into one plan"
            }
        }

        test("encoder-attention with a head, and without") {
            val filled = folder.resolve("filled")
            kausal("run", "encoder-attention", "--model", "${model("distilbert-masked", true)}", "--out", "$filled")
                .first shouldBe 0
            results(filled).map { it.name } shouldContain "needed"
            val bare = folder.resolve("bare")
            kausal("run", "encoder-attention", "--model", "${model("minilm", true)}", "--out", "$bare").first shouldBe 0
            spec(bare).omitted.map { it.name } shouldBe listOf("needed", "trace")
            bare.resolve("report.html").readText() shouldContain
                "Left out, since the model is no MaskedLm: needed and trace"
        }

        test("an image that cannot be read is a mistake with its line, and nothing is left behind") {
            val script = folder.resolve("broken.kausal.kts")
            folder.resolve("broken.png").writeText("no picture")
            script.writeText(
                """
                experiment("broken") {
                    val vit = model<ImageClassifier>("${model("vit", false)}")
                    val seen = images(vit) {
                        image("broken.png")
                        image("absent.png")
                    }
                    val looks by attention(seen)
                    report { attention(looks) }
                }
                """.trimIndent(),
            )
            val out = folder.resolve("broken")
            val (code, said) = kausal("run", "$script", "--out", "$out")
            code shouldBe 2
            said shouldContain "line 4: "
            said shouldContain "line 5: there is no file"
            out.exists() shouldBe false
        }

        test("a model of images that does not say how it reads them") {
            val bare = model("vit", false).let { from ->
                folder.resolve("unsaid").createDirectories().also { to ->
                    from.listDirectoryEntries().forEach { it.copyTo(to.resolve(it.name)) }
                    to.resolve("preprocessor_config.json").deleteExisting()
                }
            }
            val out = folder.resolve("none")
            val (code, said) = kausal("run", "vision-attention", "--model", "$bare", "--out", "$out")
            code shouldBe 2
            said shouldContain "has no preprocessor_config.json"
        }
    })
