package dev.kausal.experiments.construction.rasp

import dev.kausal.experiments.TypedCommands
import dev.kausal.experiments.study.Studies
import dev.kausal.experiments.training.Trainings
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.maps.shouldContainKey
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path
import kotlin.io.path.readText

/** The shipped study's pairs and known edges are the programs', and its page says what is missed. */
class CircuitTruthStudyTest :
    FunSpec({
        val folder = tempdir().toPath()

        val study = Studies(folder.resolve("studies")).open("circuit-truth").folder

        fun pairs(program: Program): List<Map<String, String>> =
            Json.parseToJsonElement(study.resolve("${program.name}.json").readText())
                .jsonArray.map { pair -> pair.jsonObject.mapValues { it.value.jsonPrimitive.content } }

        fun text(prompt: String) = prompt.removePrefix(". ").split(" ")

        fun deciding(program: Program): Set<String> =
            pairs(program).flatMap {
                KnownCircuit(program).deciding(text(it.getValue("clean")), text(it.getValue("corrupted")))
            }.toSet()

        test("answers and foils are the programs'") {
            for (program in Programs.all) {
                for (pair in pairs(program)) {
                    withClue("${program.name} $pair") {
                        " " + program.answer(text(pair.getValue("clean"))) shouldBe pair.getValue("answer")
                        " " + program.answer(text(pair.getValue("corrupted"))) shouldBe pair.getValue("foil")
                    }
                }
            }
        }

        fun run(
            program: Program,
            weights: String = "rasp",
        ): Pair<Map<String, Result>, Path> {
            val out = folder.resolve("$weights-${program.name}")
            val chosen = listOf("--set", "program=${program.name}", "--set", "weights=$weights")
            val arguments = listOf("run", "circuit-truth") + chosen + listOf("--out", "$out")
            val ended = TypedCommands(folder.resolve("cache")).run(arguments)
            withClue(ended.err) { ended.code shouldBe 0 }
            val results = Json.decodeFromString<Results>(out.resolve("results.json").readText()).results
            return results.associateBy { it.name } to out
        }

        for (program in Programs.all) {
            test("${program.name}: the known edges are those of the program, exact runs find them, slopes do not") {
                val (results, out) = run(program)
                results shouldContainKey "recovery.curve"
                val records = results.getValue("recovery").roc.shouldNotBeNull().associateBy { it.ranking }
                val known = deciding(program)
                records.getValue("runs").run {
                    area shouldBe 1.0
                    first shouldBe known.size
                    missed.shouldBeEmpty()
                }
                val slopes = records.getValue("slopes")
                slopes.area shouldBeLessThan 0.999
                records.getValue("hundredPoints").area shouldBeGreaterThan slopes.area
                (slopes.missed - known).shouldBeEmpty()
                val runs = results.getValue("runs")
                val decided = runs.mean.indices.filter { edge -> runs.perExample.any { it[edge]!! < -5 } }
                decided.map { runs.axes.single().labels[it] }.toSet() shouldBe known
                val page = out.resolve("report.html").readText()
                page shouldContain "does not rank"
                page shouldContain "Metric: AUROC."
                page shouldNotContain "mean over 0"
            }
        }

        for (program in Trainings.programs) {
            test("${program.name}, trained: exact runs find the known edges, slopes do not") {
                val (results, out) = run(program, "siit")
                val records = results.getValue("recovery").roc.shouldNotBeNull().associateBy { it.ranking }
                records.getValue("runs").area shouldBe 1.0
                records.getValue("slopes").area shouldBeLessThan 0.999
                out.resolve("report.html").readText() shouldContain "does not rank"
            }
        }

        test("weights that are not there are refused, with those that are") {
            val arguments =
                listOf("run", "circuit-truth", "--set", "weights=siit", "--out", "${folder.resolve("none")}")
            val ended = TypedCommands(folder.resolve("cache")).run(arguments)
            ended.code shouldBe 2
            ended.err shouldContain "found \"siit-hist\""
            ended.err shouldContain "embedded:siit-inhibit"
        }
    })
