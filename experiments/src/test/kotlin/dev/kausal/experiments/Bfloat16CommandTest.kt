package dev.kausal.experiments

import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Results
import dev.kausal.spec.SweepSpec
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.math.abs

/** `--precision` from the command line, on an embedded model. */
class Bfloat16CommandTest :
    FunSpec({
        val folder = tempdir().toPath()
        val kausal = TypedCommands(folder.resolve("cache"))
        val said = kausal.said

        val script = folder.resolve("low.kausal.kts").also { it.writeText(SCRIPT) }

        fun run(precision: String): Path {
            val out = folder.resolve(precision)
            val code = kausal("run", "$script", "--precision", precision, "--threads", "2", "--out", "$out")
            withClue(said) { code shouldBe 0 }
            return out
        }

        fun verified(bundle: Path) = withClue(said) { kausal("verify", "$bundle") shouldBe 0 }

        test("explain says how products in bfloat16 are computed, and what it does not know is refused") {
            withClue(said) { kausal("explain", "$script", "--precision", "bfloat16") shouldBe 0 }
            said.toString() shouldContain "bfloat16"
            withClue(said) { kausal("explain", "$script") shouldBe 0 }
            said.toString() shouldNotContain "bfloat16"
            kausal("run", "$script", "--precision", "float16") shouldBe 2
            said.toString() shouldContain "bfloat16"
        }

        test("runs in bfloat16 and screened runs agree with float32, say so on their page, and verify") {
            val exact = results(run("float32"))
            environment(folder.resolve("float32")).dtype shouldBe "float32"
            folder.resolve("float32/report.html").readText() shouldNotContain "bfloat16"

            val low = run("bfloat16")
            environment(low).dtype shouldBe "bfloat16"
            low.resolve("report.html").readText() shouldContain "Computed in bfloat16"
            val error = results(low).bfloat16.shouldNotBeNull()
            error.difference shouldBeGreaterThan 0.0
            error.difference shouldBeLessThan 0.05 * error.size
            results(low).results.flatMap { it.controls }.filter { it.passed == false }.shouldBeEmpty()
            verified(low)

            val screened = run("screen")
            environment(screened).dtype shouldBe "float32"
            screened.resolve("report.html").readText() shouldContain "again in float32"
            spec(screened).analyses.filterIsInstance<SweepSpec>().forEach { it.screen.shouldNotBeNull() }
            results(screened).bfloat16.shouldBeNull()
            for (result in results(screened).results) {
                val other = exact.results.single { it.name == result.name }
                val screening = result.bfloat16.shouldNotBeNull()
                withClue(result.name) {
                    result.mean.indices.forEach { cell ->
                        val apart = abs(result.mean[cell]!! - other.mean[cell]!!)
                        apart shouldBeLessThan if (cell in screening.cells) 1e-3 else 4 * screening.largest + 1e-3
                    }
                    result.pCorrected.map { (it ?: 1.0) < 0.05 } shouldBe other.pCorrected.map { (it ?: 1.0) < 0.05 }
                }
            }
            verified(screened)
        }
    })

private fun environment(bundle: Path): EnvironmentRecord =
    Json.decodeFromString(bundle.resolve("environment.json").readText())

private fun spec(bundle: Path): ExperimentSpec = Json.decodeFromString(bundle.resolve("spec.json").readText())

private fun results(bundle: Path): Results = Json.decodeFromString(bundle.resolve("results.json").readText())

private val SCRIPT =
    """
    experiment("low") {
        val lm = model<CausalLm>("embedded:facts")
        val facts = contrasts {
            contrast("The [Kremlin] is in the city of", " Moscow", "The [British Museum] is in the city of", " London")
            contrast("The [Parthenon] is in the city of", " Athens", "The [Tate Modern] is in the city of", " London")
            contrast("The [Louvre] is in the city of", " Paris", "The [Tate Modern] is in the city of", " London")
            contrast("The [Colosseum] is in the city of", " Rome", "The [British Museum] is in the city of", " London")
        }
        val patched by sweep(facts, logitDifference) {
            each(layers) { layer -> patch(from = corrupted, to = clean, layer).at(last) }
        }
        val needed by sweep(facts, logitDifference) { each(heads) { ablate(it) } }
        report { heatmap(needed) }
    }
    """.trimIndent()
