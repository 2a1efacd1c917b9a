package dev.kausal.experiments

import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import java.nio.file.Path
import kotlin.io.path.readText

/** Edges of `embedded:ioi` that carry the name: from S2 to the last token, to the name mover, to the logits. */
private val CIRCUIT = listOf("embed -> L0.q1", "L0H1 -> L1.v2", "L1H2 -> L2.q0", "L2H0 -> logits")

/** The study of indirect objects finds the heads and edges that `embedded:ioi` was built from. */
class IoiStudyTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun kausal(vararg words: String): Pair<Int, String> =
            TypedCommands(folder.resolve("cache")).run(words.toList()).let { it.code to it.all }

        fun results(bundle: Path) = Json.decodeFromString<Results>(bundle.resolve("results.json").readText()).results

        fun spec(bundle: Path) = Json.decodeFromString<ExperimentSpec>(bundle.resolve("spec.json").readText())

        fun run(vararg settings: String): Path {
            val out = folder.resolve("ioi-" + settings.joinToString("-") { it.replace('=', '-') })
            val set = settings.flatMap { listOf("--set", it) }.toTypedArray()
            val (code, said) = kausal("run", "ioi", *set, "--out", "$out")
            withClue(said) { code shouldBe 0 }
            return out
        }

        fun strongest(result: Result, count: Int): List<String> =
            result.edges!!.strongest.take(count).map { it.edge }

        test("four edges are as good as the whole model, on the half of the sentences that did not choose them") {
            val out = run("examples=16")
            val found = results(out).associateBy { it.name }
            strongest(found.getValue("edges"), CIRCUIT.size) shouldContainExactlyInAnyOrder CIRCUIT
            val circuit = found.getValue("circuit")
            circuit.circuit!!.ranked.forEach { it.take(4) shouldContainExactlyInAnyOrder CIRCUIT }
            val four = circuit.circuit!!.sizes.indexOf(4)
            circuit.faithfulness!![four] shouldBe (1.0 plusOrMinus 0.02)
            circuit.faithfulness!![four - 1] shouldBe (0.0 plusOrMinus 0.02)
            found.getValue("atS2").chosen.single().units.take(3) shouldContainExactlyInAnyOrder
                listOf("2.0", "1.2", "0.1")
            val page = out.resolve("report.html").readText()
            page shouldContain Regex("The edit at rank \\d \\(L0H1\\) lowers the logit difference most")
            val (code, said) = kausal("verify", "$out")
            withClue(said) { code shouldBe 0 }
        }

        test("a third name takes the second subject's place, and the answers stay") {
            val out = run("corruption=third", "examples=12")
            val pairs = spec(out).contrasts.single().contrasts
            pairs.map { it.groups[Grouping.Relation] }.toSet() shouldBe setOf("ABBA", "BABA")
            for (pair in pairs) {
                val (clean, corrupted) = pair.clean to pair.corrupted!!
                val changed = clean.tokens.indices.filter { clean.tokens[it] != corrupted.tokens[it] }
                changed shouldBe listOf(clean.subject!!.first)
                (corrupted.tokens[changed.single()] in clean.tokens) shouldBe false
                clean.tokens.count { it == pair.foil!!.text } shouldBe 2
                clean.tokens.count { it == pair.answer!!.text } shouldBe 1
            }
            results(out).first { it.name == "circuit" }.baseline.getValue("corrupted").forEach {
                it!! shouldBe (0.0 plusOrMinus 0.1)
            }
        }

        test("estimates from gradients miss heads whose attention is saturated, and the screen says so") {
            val out = run("estimated=true", "examples=12")
            val found = results(out).associateBy { it.name }
            strongest(found.getValue("edges"), 1) shouldBe listOf("L2H0 -> logits")
            out.resolve("report.html").readText() shouldContain "1 of 3 signs agree"
        }
    })
