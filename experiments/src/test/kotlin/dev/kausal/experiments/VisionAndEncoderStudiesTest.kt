package dev.kausal.experiments

import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
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
        val digits = Path.of("src/main/resources/digits")

        fun kausal(vararg words: String): Pair<Int, String> =
            TypedCommands(folder.resolve("cache")).run(words.toList()).let { it.code to it.all }

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
                val paper = folder.resolve("$name.pdf")
                kausal("figure", "$out", "rolled", "--pdf", "--out", "$paper").let { (code, said) ->
                    code shouldBe 0
                    said shouldContain "Figure 3. Rollout"
                }
                paper.readText(Charsets.ISO_8859_1).take(5) shouldBe "%PDF-"
                kausal("figure", "$out", "nothing").let { (code, said) ->
                    code shouldBe 2
                    said shouldContain "3 (Rollout)"
                }
                found.first { it.name == "written" }.axes.map { it.name } shouldBe listOf("layer", "row", "column")
                found.first { it.name == "staring" }.checks.getValue("calls after removal") shouldBe 0.0
            }
        }

        for ((name, classes) in listOf("vit" to listOf("LABEL_1", "LABEL_3"), "timm-vit" to listOf("3", "1"))) {
            test("vision-debug on $name, by plan and exactly") {
                val pictures = folder.resolve("pictures-$name")
                classes.zip(listOf(listOf("012-3", "014-3"), listOf("008-8", "009-8"))).forEach { (label, shown) ->
                    val place = pictures.resolve(label).createDirectories()
                    shown.zip(listOf("a", "b")).forEach { (digit, name) ->
                        digits.resolve("$digit.png").copyTo(place.resolve("$name.png"))
                    }
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

        test("vision-debug explains three mistakes of embedded:digits, and its bundle verifies by itself") {
            val out = folder.resolve("mistakes")
            kausal("run", "vision-debug", "--out", "$out").first shouldBe 0
            val results = Json.decodeFromString<Results>(out.resolve("results.json").readText())
            val set = spec(out).contrasts.first { it.filter != null }
            val filter = results.filters.single()
            filter.kept.size shouldBe 3
            // One of each class is read right, and all others are mistakes.
            filter.dropped.count { it.reason == "the model is right about it" } shouldBe 10
            val probabilities = results.results.first { it.name == "why.probabilities" }
            filter.kept.forEachIndexed { example, index ->
                val row = probabilities.perExample[example].map { it!! }
                val contrast = set.contrasts[index]
                (row.indices.maxBy { row[it] } == contrast.answer!!.id) shouldBe false
                contrast.label shouldContain "/${contrast.answer!!.text}/"
            }
            val page = out.resolve("report.html").readText()
            val parts = listOf("Mistake", "Attention", "Attribution", "Ablations")
            for (part in parts) {
                Regex("<strong>$part. </strong>").findAll(page).count() shouldBe 3
            }
            val (code, said) = kausal("verify", "$out")
            (code to said) shouldBe (0 to said)
            val picture = out.resolve(set.contrasts[filter.kept[0]].clean.image!!.picture)
            digits.resolve("000-0.png").copyTo(picture, overwrite = true)
            val (changed, words) = kausal("verify", "$out")
            changed shouldBe 1
            words shouldContain "images/${picture.name} was changed after the run"
            words shouldContain "Nothing of it was run."
        }

        test("encoder-attention with a head, and without") {
            val filled = folder.resolve("filled")
            val framed = arrayOf("--set", "framed=true")
            kausal(
                "run",
                "encoder-attention",
                "--model",
                "${model("distilbert-masked", true)}",
                *framed,
                "--out",
                "$filled",
            )
                .first shouldBe 0
            results(filled).map { it.name } shouldContain "needed"
            kausal("verify", "$filled").first shouldBe 0
            val bare = folder.resolve("bare")
            kausal("run", "encoder-attention", "--model", "${model("minilm", true)}", *framed, "--out", "$bare")
                .first shouldBe 0
            results(bare).map { it.name } shouldContain "onSeparators"
            spec(bare).omitted.map { it.name } shouldBe listOf("needed", "trace")
            bare.resolve("report.html").readText() shouldContain
                "Skipped, because they need another kind of model: needed and trace (MaskedLm)"
        }

        test("encoder-attention on the encoder in the jar, which knows its capitals") {
            val out = folder.resolve("embedded-encoder")
            kausal("run", "encoder-attention", "--out", "$out").first shouldBe 0
            val needed = results(out).first { it.name == "needed" }
            needed.perExample.size shouldBe 7
            needed.baseline.getValue("clean").all { it!! > 3 } shouldBe true
            needed.baseline.getValue("corrupted").all { it!! < -3 } shouldBe true
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
            said shouldContain Regex(":4:\\d+: ")
            said shouldContain Regex(":5:\\d+: file .* does not exist")
            out.exists() shouldBe false
        }

        test("hostile files are mistakes of their lines, all at once; odd pictures are read") {
            val pictures = resources.resolve("pictures")
            val bad =
                listOf(
                    "truncated.jpg" to "damaged: it ends in the middle",
                    "flipped-bits.png" to "damaged: the checksum",
                    "bomb.png" to "3600000000 pixels, above the limit of 50000000",
                    "empty.jpg" to "found an empty file",
                    "text.png" to "starts with 'This is a ca'",
                )
            val good =
                listOf("grey-16.png", "grey.jpg", "rgba-16.png", "orientation-6.jpg", "cmyk.jpg", "one-pixel.png")

            fun script(name: String, files: List<String>): Path =
                folder.resolve("$name.kausal.kts").also { script ->
                    val lines = files.joinToString("\n") { "image(\"${pictures.resolve(it).toAbsolutePath()}\")" }
                    script.writeText(
                        "experiment(\"$name\") {\nval vit = model<ImageClassifier>(\"${model("vit", false)}\")\n" +
                            "val seen = images(vit) {\n$lines\n}\nval rolled by rollout(seen)\n}\n",
                    )
                }
            val hostile = script("hostile", bad.map { it.first })
            val (code, said) = kausal("run", "$hostile", "--out", "${folder.resolve("h")}")
            code shouldBe 2
            bad.forEachIndexed { i, (_, words) ->
                val line = said.lines().first { Regex(":${i + 4}:\\d+: ") in it }
                line shouldContain words
            }
            val out = folder.resolve("odd")
            kausal("run", "${script("odd", good)}", "--out", "$out").first shouldBe 0
            results(out).single().perExample.flatten().all { it != null } shouldBe true
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
