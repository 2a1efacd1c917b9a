package dev.kausal.experiments

import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import kotlin.io.path.readText

/** The first command that README names, on this machine's threads and instruction set: no control of it may fail. */
class KnownOutcomesTest :
    FunSpec({
        val folder = tempdir().toPath()

        for (how in listOf(listOf(), listOf("--exact"), listOf("--threads", "3"))) {
            test("no control of fact-recall fails $how") {
                val out = folder.resolve("run${how.size}${how.lastOrNull()}")
                val said = TypedCommands(
                    folder.resolve("cache"),
                ).run(listOf("run", "fact-recall", "--out", "$out") + how)
                withClue(said.all) { said.code shouldBe 0 }
                val results = Json.decodeFromString<Results>(out.resolve("results.json").readText()).results
                val controls = results.flatMap { it.controls }.filter { it.expected != null }
                controls.size shouldBeGreaterThan 10
                controls.filter { it.passed != true }.shouldBeEmpty()
                out.resolve("report.html").readText() shouldNotContain "Do not trust"
            }
        }
    })
