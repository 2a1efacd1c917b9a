package dev.kausal.experiments.verify

import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.experiments.TypedCommands
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.moveTo
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** `verify` from the command line, on a copy of embedded:facts: what may be gone, and what may not be changed. */
class VerifyRunTest :
    FunSpec({
        val folder = tempdir().toPath()
        val kausal = TypedCommands(folder.resolve("cache"))
        val said = kausal.said

        val context = SourceContext.ofProcess(false) {}
        val model = folder.resolve("model")
        ModelSources.resolve("embedded:facts", context).path().toFile().copyRecursively(model.toFile())
        val script = folder.resolve("held.kausal.kts").also { it.writeText(SCRIPT) }
        val bundle = folder.resolve("held")
        withClue(said) { kausal("run", "$script", "--model", "$model", "--out", "$bundle") shouldBe 0 }

        /** A copy of the bundle in which [change] was made to [name], and the recorded hash made to fit. */
        fun edited(name: String, change: (String) -> String): Path {
            val copy = folder.resolve("edited").also { it.toFile().deleteRecursively() }
            bundle.toFile().copyRecursively(copy.toFile())
            val before = copy.resolve(name).readText()
            val after = change(before)
            withClue("the edit changes something") { (after == before) shouldBe false }
            copy.resolve(name).writeText(after)
            val environment = copy.resolve("environment.json")
            val hashes = listOf(before, after).map { BundleFiles.sha256(it.encodeToByteArray()) }
            environment.writeText(environment.readText().replace(hashes[0], hashes[1]))
            return copy
        }

        test("a bundle holds") {
            withClue(said) { kausal("verify", "$bundle") shouldBe 0 }
            said.toString() shouldContain "verified"
        }

        test("one number, one prompt, one seed: each edit is noticed, though the hashes were made to fit") {
            val number = Regex("\"perExample\":\\[\\[(-?[0-9.]+)")
            val last = { text: String -> number.find(text)!!.groups[1]!! }
            val results =
                edited("results.json") { text ->
                    text.replaceRange(last(text).range, "${last(text).value.toDouble() + 0.1}")
                }
            kausal("verify", "$results") shouldBe 1
            said.toString() shouldContain "perExample"
            kausal("verify", "${edited("spec.json") { it.replaceFirst("Colosseum is", "Parthenon is") }}") shouldBe 1
            said.toString() shouldContain "does not have the tokens in the bundle"
            kausal("verify", "${edited("spec.json") { it.replaceFirst("\"seed\": 11", "\"seed\": 12") }}") shouldBe 1
            said.toString() shouldContain "recomputed as"
        }

        test("a script runs only after its hash was checked, a line says so before, and --untrusted does not run it") {
            val flag = folder.resolve("flag")
            val copy = edited("held.kausal.kts") { "java.io.File(\"$flag\").writeText(\"ran\"); $it" }
            val environment = copy.resolve("environment.json")
            val fitting = environment.readText()
            environment.writeText(bundle.resolve("environment.json").readText())
            kausal("verify", "$copy") shouldBe 1
            said.toString() shouldContain "held.kausal.kts was changed after the run"
            said.toString() shouldContain "Nothing of it was run."
            flag.exists() shouldBe false

            environment.writeText(fitting)
            withClue(said) { kausal("verify", "$copy", "--untrusted") shouldBe 0 }
            said.toString() shouldContain "left out: half"
            flag.exists() shouldBe false

            withClue(said) { kausal("verify", "$copy") shouldBe 0 }
            said.toString() shouldContain "verify runs $copy/held.kausal.kts of the bundle, with all of your rights"
            flag.exists() shouldBe true
        }

        test("--untrusted compares what is data, and nothing else") {
            val number = Regex("\"perExample\":\\[\\[(-?[0-9.]+)")
            val (traced, half) = listOf(0, 1).map { which ->
                edited("results.json") { text ->
                    val found = number.findAll(text).elementAt(which).groups[1]!!
                    text.replaceRange(found.range, "${found.value.toDouble() + 0.1}")
                }.let { it.moveTo(folder.resolve("edited-$which")) }
            }
            kausal("verify", "$traced", "--untrusted") shouldBe 1
            said.toString() shouldContain "traced"
            withClue(said) { kausal("verify", "$half", "--untrusted") shouldBe 0 }
            kausal("verify", "$half") shouldBe 1
        }

        test("no file outside a bundle is read for its hash") {
            val copy = edited("spec.json") { it.replaceFirst("\"seed\": 11", "\"seed\":  11") }
            val environment = copy.resolve("environment.json")
            val hashes = environment.readText()
            environment.writeText(hashes.replaceFirst("\"results.json\":", "\"../held/results.json\":"))
            kausal("verify", "$copy") shouldBe 2
            said.toString() shouldContain "which is not a path inside it"
        }

        test("an edit that leaves the hashes alone is named by its file") {
            val copy = edited("results.json") { it.replaceFirst("\"kind\":\"sweep\"", "\"kind\":\"capture\"") }
            copy.resolve("environment.json").writeText(bundle.resolve("environment.json").readText())
            kausal("verify", "$copy") shouldBe 1
            said.toString() shouldContain "results.json was changed after the run"
        }

        test("one weight that is another is noticed; weights that are gone are found by their hash") {
            val weights = model.resolve("model.safetensors")
            val bytes = weights.readBytes()
            weights.writeBytes(bytes.copyOf().also { it[it.lastIndex] = (it[it.lastIndex] + 1).toByte() })
            kausal("verify", "$bundle") shouldBe 1
            said.toString() shouldContain "differ from the run's"
            weights.writeBytes(bytes)

            val moved = folder.resolve("moved")
            model.moveTo(moved)
            withClue(said) { kausal("verify", "$bundle", "--model", "$moved") shouldBe 0 }
            withClue(said) { kausal("verify", "$bundle") shouldBe 0 }
            said.toString() shouldContain "found by their SHA-256"

            val unknown = edited("spec.json") { it.replaceFirst(Regex("\"sha256\": \"..."), "\"sha256\": \"000") }
            kausal("verify", "$unknown") shouldBe 2
            said.toString() shouldContain "Pass their location: --model PATH"
        }
    })

private val SCRIPT =
    """
    experiment("held") {
        val lm = model<CausalLm>("embedded:facts")
        val facts = contrasts {
            contrast("The [Eiffel Tower] is located in the city of", " Paris",
                "The [Colosseum] is located in the city of", " Rome")
            contrast("The [Colosseum] is located in the city of", " Rome",
                "The [Brandenburg Gate] is located in the city of", " Berlin")
            contrast("The [Brandenburg Gate] is located in the city of", " Berlin",
                "The [Eiffel Tower] is located in the city of", " Paris")
        }
        val noised = noise(subject, sigmas = 3.0, samples = 1, seed = 11)
        val traced by sweep(facts, logitDifference) {
            each(layers) { layer -> patch(from = clean, to = noised, layer).at(last) }
        }
        val half by sweep(facts, logitDifference) {
            each(layers) { layer -> hook(lm.blocks[layer].mlp.post) { it * 0.5f } }
        }
        report { lines(traced) }
    }
    """.trimIndent()
