package dev.kausal.experiments

import dev.kausal.bundle.BundleFiles
import dev.kausal.spec.Results
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.math.abs

private fun hash(text: String) = BundleFiles.sha256(text.encodeToByteArray())

/** The command line over the real engine and SmolLM2; the numbers are TransformerLens's (bench/peer_grids.py). */
class EndToEndTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun kausal(vararg words: String): Said = TypedCommands(folder.resolve("cache")).run(words.toList())

        fun script(name: String, body: String): Path {
            val file = folder.resolve("$name.kausal.kts")
            file.writeText(
                """
                experiment("$name") {
                    val lm = model<CausalLm>("smollm2-135m-q4")
                    val facts = contrasts {
                        contrast(
                            clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
                            corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
                        )
                    }
                    $body
                }
                """.trimIndent(),
            )
            return file
        }

        val online = kausal("pull", "smollm2-135m-q4").code == 0
        if (!online) {
            println("SKIPPED: end-to-end tests, since smollm2-135m-q4 could not be fetched")
            check(System.getenv("CI") != "true") { "CI must have a network" }
        }

        test("a run writes a bundle with the peers' numbers").config(enabled = online) {
            val file =
                script(
                    "numbers",
                    """
                    val trace by sweep(facts, recovery(logitDifference)) {
                        each(listOf(20, 24), "layer") { layer -> patch(from = clean, to = corrupted, layer).at(last) }
                    }
                    val noised by sweep(facts, logitDifference) {
                        val run = noise(subject, sigmas = 3.0, samples = 2)
                        each(listOf(0)) { layer -> patch(from = clean, to = run, layer) }
                    }
                    val needed by sweep(facts, logitDifference) {
                        each(listOf(3)) { head -> ablate(lm.blocks[1].attn.z.head(head)) }
                    }
                    val attribution by directLogitAttribution(facts)
                    val lens by logitLens(facts)
                    val looks by attention(facts, layers = 0..1)
                    """,
                )
            val out = folder.resolve("numbers")
            kausal("run", "$file", "--out", "$out").code shouldBe 0
            val results = Json.decodeFromString<Results>(out.resolve("results.json").readText()).results
            val byName = results.associateBy { it.name }
            val trace = byName.getValue("trace")
            val tolerance = 2e-4
            trace.baseline.getValue("clean").single().shouldNotBeNull() shouldBe (4.812362 plusOrMinus tolerance)
            trace.baseline.getValue("corrupted").single().shouldNotBeNull() shouldBe (-9.05871 plusOrMinus tolerance)
            trace.plain!!.single().map { it!! }.zip(listOf(-10.00923, 3.572265)).forEach { (ours, peer) ->
                ours shouldBe (peer plusOrMinus tolerance)
            }
            trace.mean[0].shouldNotBeNull() shouldBe ((-10.00923 + 9.05871) / (4.812362 + 9.05871) plusOrMinus 1e-4)
            byName.getValue("needed").mean.single().shouldNotBeNull() shouldBe (2.713032 plusOrMinus tolerance)
            // The whole clean stream at layer 0 undoes the noise, exactly.
            byName.getValue("noised").mean.single() shouldBe trace.baseline.getValue("clean").single()
            val attribution = byName.getValue("attribution")
            attribution.mean.sumOf { it!! } shouldBe (4.812362 plusOrMinus tolerance)
            attribution.mean[attribution.axes.single().labels.indexOf("L29H1")]!! shouldBe (2.697 plusOrMinus 1e-3)
            byName.getValue("looks").shape shouldBe listOf(2, 9, 10, 10)
            val lens = byName.getValue("lens")
            lens.top!!.single().last().first().token shouldBe " Paris"
            val page = out.resolve("report.html").readText()
            page shouldContain "Eiffel"
            page shouldNotContain "<script src"
            out.listDirectoryEntries().map { it.fileName.toString() }.toSet() shouldBe
                setOf("spec.json", "results.json", "environment.json", "report.html", "numbers.kausal.kts")
            (abs(attribution.baseline.getValue("clean").single()!! - 4.812362) < tolerance) shouldBe true
        }

        test("a bundle is verified from itself, and what was edited in it is noticed").config(enabled = online) {
            val file =
                script(
                    "held",
                    """
                    val known = facts.filter(knows())
                    val needed by sweep(known, logitDifference) {
                        each(listOf(2, 5)) { head -> ablate(lm.blocks[1].attn.z.head(head)) }
                    }
                    val half by sweep(known, logitDifference) {
                        each(listOf(3)) { layer -> hook(lm.blocks[layer].mlp.post) { it * 0.5f } }
                    }
                    """,
                )
            val out = folder.resolve("held")
            kausal("run", "$file", "--out", "$out").code shouldBe 0
            val again = folder.resolve("again")
            kausal("run", "$file", "--out", "$again").code shouldBe 0
            again.resolve("results.json").readText() shouldBe out.resolve("results.json").readText()
            kausal("verify", "$out").code shouldBe 0

            fun edited(name: String, change: (String) -> String): Said {
                val copy = folder.resolve("edited").also { it.toFile().deleteRecursively() }
                out.toFile().copyRecursively(copy.toFile())
                val target = copy.resolve(name)
                val text = target.readText()
                val new = change(text)
                (new == text) shouldBe false
                target.writeText(new)
                // As if the one who edited it had thought of the hash.
                val environment = copy.resolve("environment.json")
                environment.writeText(environment.readText().replace(hash(text), hash(new)))
                return kausal("verify", "$copy")
            }
            val number = edited("results.json") { it.replaceFirst(Regex("\"mean\":\\[[^,]*"), "\"mean\":[1.25") }
            number.code shouldBe 1
            number.err shouldContain "mean[0] is 1.25, recomputed as"
            val prompt = edited("spec.json") { it.replace("Eiffel Tower is", "Eiffel tower is") }
            prompt.code shouldBe 1
            prompt.err shouldContain "does not have the tokens in the bundle"
            val weights = edited("spec.json") { it.replaceFirst(Regex("\"sha256\": \"..."), "\"sha256\": \"000") }
            weights.code shouldBe 1
            weights.err shouldContain "differ from the run's"
            val spec = out.resolve("spec.json")
            spec.writeText(spec.readText().replace("\"seed\": 0", "\"seed\": 1"))
            val seed = kausal("verify", "$out")
            seed.code shouldBe 1
            seed.err shouldContain "spec.json was changed after the run"
        }

        test("every mistake at once, with lines, and nothing left behind").config(enabled = online) {
            val file =
                script(
                    "mistakes",
                    """
                    val a by sweep(facts, logitDifference) { each(listOf(30)) { l -> patch(from = clean, to = corrupted, l) } }
                    val b by sweep(facts, logitDifference) { each(listOf(9)) { h -> ablate(lm.blocks[3].attn.z.head(h)) } }
                    """,
                )
            val out = folder.resolve("mistakes")
            val outcome = kausal("run", "$file", "--out", "$out")
            outcome.code shouldBe 2
            outcome.err shouldContain "no layer 30: this model has 30 layers, 0 to 29"
            outcome.err shouldContain "no head 9 in layer 3: this model has 9 heads, 0 to 8"
            Regex("$file:\\d+:\\d+: ").findAll(outcome.err).count() shouldBe 2
            out.exists() shouldBe false
        }

        test("the shipped studies fit their model").config(enabled = online) {
            kausal("explain", "fact-recall").code shouldBe 0
            kausal("explain", "sycophancy").code shouldBe 0
        }
    })
