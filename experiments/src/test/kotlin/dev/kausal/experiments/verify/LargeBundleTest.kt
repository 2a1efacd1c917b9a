package dev.kausal.experiments.verify

import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.experiments.DiskTooSmallException
import dev.kausal.experiments.HeapTooSmallException
import dev.kausal.experiments.RunSpace
import dev.kausal.experiments.TooManyNumbersException
import dev.kausal.experiments.TypedCommands
import dev.kausal.run.PlanSummary
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.ModelShape
import dev.kausal.spec.ModelSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlin.io.path.fileSize
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** A run whose results are too large for JSON, from the command line: written, checked, shown and compared. */
class LargeBundleTest :
    FunSpec({
        val folder = tempdir().toPath()
        val kausal = TypedCommands(folder.resolve("cache"))
        val said = kausal.said

        val script = folder.resolve("large.kausal.kts").also { it.writeText(SCRIPT) }
        val bundles = listOf("one", "two").map { folder.resolve(it) }
        bundles.forEach { withClue(said) { kausal("run", "$script", "--out", "$it") shouldBe 0 } }
        val announced = said.toString()
        val bundle = bundles.first()
        val arrays = bundle.resolve("arrays/logits.safetensors")

        test("explain and the run announce what is written") {
            arrays.parent.listDirectoryEntries().map { it.name } shouldBe listOf("logits.safetensors")
            announced shouldContain "results too large for results.json: "
            announced shouldContain Regex("logits: \\d+ MB")
            kausal("explain", "$script") shouldBe 0
            val expected = Regex("([0-9.]+) MB in arrays/").find(said)!!.groupValues[1].toDouble() * 1e6
            val written = arrays.fileSize().toDouble()
            withClue("$expected announced, $written written") { (expected / written in 0.9..1.1) shouldBe true }
            bundle.resolve("results.json").fileSize() shouldBeLessThan 2_000_000
        }

        test("the bundle holds, its page can be written again, and is small") {
            withClue(said) { kausal("verify", "$bundle") shouldBe 0 }
            said.toString() shouldContain Regex("verified  1[0-9]{6} numbers")
            val before = bundle.resolve("report.html").readText()
            bundle.resolve("report.html").writeText("")
            kausal("report", "$bundle") shouldBe 0
            bundle.resolve("report.html").readText() shouldBe before
            bundle.resolve("report.html").fileSize() shouldBeLessThan 3_000_000
            before shouldContain "numbers are in arrays/logits.safetensors."
        }

        test("two bundles are compared number by number") {
            kausal("report", "${bundles[0]}", "${bundles[1]}", "--out", "${folder.resolve("both.html")}") shouldBe 0
            folder.resolve("both.html").readText() shouldContain
                Regex("two and one (have the same numbers|differ by at most 0.000|differ by at most \\S+e) ?")
        }

        test("a number that was changed is named by its file; its page is not made") {
            val whole = arrays.readBytes()
            arrays.writeBytes(whole.clone().also { it[it.lastIndex] = (it.last() + 1).toByte() })
            kausal("verify", "$bundle") shouldBe 1
            said.toString() shouldContain "arrays/logits.safetensors was changed after the run"
            kausal("report", "$bundle") shouldBe 2
            said.toString() shouldContain "arrays/logits.safetensors was changed after the run"
            arrays.writeBytes(whole)
        }

        test("a link in the place of the arrays is not followed") {
            val elsewhere = folder.resolve("elsewhere").also { it.writeBytes(arrays.readBytes()) }
            val whole = arrays.readBytes()
            arrays.deleteExisting()
            Files.createSymbolicLink(arrays, elsewhere)
            kausal("report", "$bundle") shouldBe 2
            said.toString() shouldContain "links in it are not followed"
            arrays.deleteExisting()
            arrays.writeBytes(whole)
        }

        test("what disk, heap or reader cannot hold is refused before the run, with the number and what to do") {
            val plan = plan(length = 60, draws = 100)
            val out = Path.of("/runs/x")
            val most = Long.MAX_VALUE
            RunSpace.of(plan, out, free = most, heap = most).check()
            shouldThrow<DiskTooSmallException> { RunSpace.of(plan, out, free = 50_000_000, heap = most).check() }
                .message shouldContain Regex("take about 9[3-5] MB, but the disk of /runs/x has 50 MB free. Free some")
            val wide = plan(length = 20_000, draws = 1)
            shouldThrow<HeapTooSmallException> { RunSpace.of(wide, out, free = most, heap = 200_000_000).check() }
                .message shouldContain "KAUSAL_JAVA_OPTS=-Xmx1g"
            val many = plan(length = 60_000, draws = 10)
            shouldThrow<TooManyNumbersException> { RunSpace.of(many, out, free = most, heap = most).check() }
                .message shouldContain "'logits' has 2,340,000,000 numbers for one example"
        }
    })

/** The plan of logits of one prompt of [length] tokens, of so many [draws] as examples, or as one example's. */
private fun plan(
    length: Int,
    draws: Int,
): PlanSummary {
    val path = ModelSources.resolve("embedded:facts", SourceContext.ofProcess(false) {}).path()
    return ModelSource.open(path).use { source ->
        val prompt = PromptSpec("p", List(length) { 1 }, List(length) { "w" })
        val noised = RunSpec.Noised(PlaceSpec.All, 3.0, draws, 1)
        val run = if (length > 1000 && draws > 1) noised else RunSpec.Clean
        val examples = List(if (length > 1000) 1 else draws) { ContrastSpec("e$it", prompt) }
        val spec =
            ExperimentSpec(
                name = "large",
                script = "large.kausal.kts",
                model = ModelSpec("m", "CausalLm", "gpt2", ModelShape(1, 1, 1, 4, 4, 8, 10, 16)),
                contrasts = listOf(ContrastSetSpec("texts", examples)),
                analyses = listOf(CaptureSpec("logits", "texts", site = "hook_logits", run = run)),
            )
        PlanSummary.of(spec, Sizes(source.config()), source.points(), 1L shl 28, 1, source.device().tuning())
    }
}

private val SCRIPT =
    """
    experiment("large") {
        val lm = model<CausalLm>("embedded:facts")
        val begin = "The Eiffel Tower is located in the city of"
        val texts = prompts(lm) { repeat(7) { n -> prompt(begin + " of the city".repeat(12 + n)) } }
        val logits by capture(texts, lm.logits)
        val looks by attention(texts, layers = 0..0)
    }
    """.trimIndent()
