package dev.kausal.experiments.embedded

import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.source.EmbeddedModels
import dev.kausal.engine.tokens.Tokenizers
import dev.kausal.experiments.TypedCommands
import dev.kausal.experiments.study.Studies
import dev.kausal.experiments.training.FactQuestions
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeGreaterThanOrEqual
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.Json
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.readText

/** The weights in the jar are what their cards say. */
class EmbeddedModelsTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun figures(name: String) = EmbeddedModels.builtIn().all().first { it.name() == name }.figures()

        test("facts knows its facts in held-out phrasings, and gives in as its card says") {
            val path = EmbeddedModels.builtIn().unpack("facts", folder)
            val measured =
                HookedModel.open(path).use { model ->
                    Tokenizers.open(path).use { FactQuestions(it).figures(model) }
                }
            val card = figures("facts")
            measured.keys shouldBe card.keys
            for ((name, value) in card) withClue(name) { measured.getValue(name) shouldBe (value plusOrMinus CLOSE) }
            measured.getValue("heldOutTop1") shouldBeGreaterThanOrEqual 0.95
            // About as often as it was taught, and not where it was not.
            for (way in listOf("guess", "heard", "certain")) {
                val taught = measured.getValue("givesIn.$way.rateInText")
                withClue(way) { measured.getValue("givesIn.$way.probability") shouldBe (taught plusOrMinus 0.15) }
            }
            measured.getValue("givesIn.guess.probability") shouldBeLessThan 0.01
        }

        test("the script of the documentation runs on facts as it stands") {
            val script = folder.resolve("script").createDirectories().resolve("mine.kausal.kts")
            val study = Studies(folder.resolve("studies")).open("fact-recall")
            study.folder.resolve("facts.json").copyTo(script.resolveSibling("facts.json"))
            SCRIPT.copyTo(script)
            val out = folder.resolve("bundle")
            val ended = TypedCommands(folder.resolve("cache")).run(listOf("run", "$script", "--out", "$out"))
            withClue(ended.err) { ended.code shouldBe 0 }
            val results = Json.decodeFromString<Results>(out.resolve("results.json").readText()).results
            val trace = results.first { it.name == "trace" }
            trace.baseline.getValue("clean").forEach { it!! shouldBeGreaterThan 0.0 }
            trace.baseline.getValue("corrupted").forEach { it!! shouldBeLessThan 0.0 }
        }
    })

private const val CLOSE = 0.003

/** The script that the documentation promises to run, which the DSL's own tests read as well. */
private val SCRIPT = Path.of("../dsl/words/src/test/resources/fact-recall.kausal.kts")
