package dev.kausal.reports

import dev.kausal.bundle.ArrayFolder
import dev.kausal.bundle.Bundle
import dev.kausal.reports.page.ComparisonPage
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.result.Blocks
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.NumberType
import dev.kausal.spec.Numbers
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path
import kotlin.math.abs
import kotlin.random.Random

private const val MEGA = 1_000_000

class LargeResultTest : FunSpec({
    fun axis(name: String, n: Int) = AxisSpec(name, List(n) { "$it" })

    fun prompt(length: Int, word: String) = PromptSpec(word, List(length) { it }, List(length) { "$word$it" })

    /** A result in a file, one example of each of [shapes]; [number] is of its example and place. */
    fun stored(
        folder: Path,
        name: String,
        kind: ResultKind,
        axes: List<AxisSpec>,
        shapes: List<List<Int>>,
        number: (Int, Int) -> Double,
    ): Result {
        val labels = shapes.indices.map { "example $it" }
        val file =
            ArrayFolder(folder).create(name, NumberType.F32, axes, labels.zip(shapes)).use { writer ->
                shapes.forEachIndexed { example, shape ->
                    writer.write(example, 0, shape.reduce(Int::times)) { number(example, it) }
                }
                writer.finish()
            }
        val shape = axes.map { it.labels.size }
        return Result(name, kind, "m", axes, labels, shape, file.rows, mean = file.mean, arrays = file.arrays)
    }

    /** 300 positions of 5,000 tokens, all 1 but for one place. */
    fun logits(
        folder: Path,
        strongest: Double = -7.0,
    ) = stored(
        folder,
        "logits",
        ResultKind.Capture,
        listOf(axis("position", 300), axis("token", 5000)),
        listOf(listOf(300, 5000)),
    ) { _, at -> if (at == 123 * 5000 + 4321) strongest else 1.0 }

    fun bundle(vararg results: Result): Bundle {
        val base = Fixtures.bundle()
        val sets = listOf(ContrastSetSpec("texts", listOf(ContrastSpec("example 0", prompt(300, "w")))))
        val analyses = results.map { CaptureSpec(it.name, "texts", site = "hook_logits") }
        val spec = base.spec.copy(contrasts = sets, analyses = analyses, figures = emptyList())
        return Bundle(spec, Results(results = results.toList()), base.environment, "")
    }

    test("blocks hold the number furthest from 0, and its place") {
        val axes = listOf(axis("layer", 2), axis("query", 7), axis("key", 5))
        val random = Random(3)
        val numbers = Numbers.of(DoubleArray(70) { if (it % 11 == 0) Double.NaN else random.nextDouble() - 0.5 })
        val blocks = Blocks(numbers, axes, listOf(1, 3, 2))
        blocks.size shouldBe 2 * 3 * 3
        blocks.ends()[1].labels shouldBe listOf("0 \u2013 2", "3 \u2013 5", "6 \u2013 6")
        for (at in 0 until 18) {
            val (layer, row, column) = listOf(at / 9, at / 3 % 3, at % 3)
            val cells = (0 until 70).filter { it / 35 == layer && it / 5 % 7 / 3 == row && it % 5 / 2 == column }
            val strongest = cells.filter { numbers[it] != null }.maxBy { abs(numbers[it]!!) }
            blocks[at] shouldBe numbers[strongest]
            blocks.place(at) shouldBe listOf(layer, strongest / 5 % 7, strongest % 5)
        }
    }

    test("widths keep layers and heads apart, and the number of blocks below the limit") {
        val widths = Blocks.widths(listOf(30, 9, 800, 800), listOf(false, false, true, true), 100_000)
        widths.take(2) shouldBe listOf(1, 1)
        val counts = listOf(30, 9, 800, 800).zip(widths) { size, width -> (size + width - 1) / width }
        val blocks = counts.reduce(Int::times)
        blocks shouldBeLessThan 100_001
        (blocks > 50_000) shouldBe true
        Blocks.widths(listOf(4, 5), listOf(true, true), 100) shouldBe listOf(1, 1)
    }

    test("a page of a large result is small, says what it leaves out, and names the strongest number's own place") {
        val page = ReportPage.render(bundle(logits(tempdir().toPath())))
        page.length shouldBeLessThan 3 * MEGA
        page shouldContain "All 1,500,000 numbers are in arrays/logits.safetensors."
        page shouldContain "show blocks of numbers, 3 along position and "
        page shouldContain "\u22127.000"
        page shouldContain "position 123"
        page shouldContain "token 4321"
    }

    test("a page of many large results stays below three megabytes") {
        val folder = tempdir().toPath()
        val axes = listOf(axis("layer", 12), axis("head", 12), axis("query", 120), axis("key", 120))
        val shape = axes.map { it.labels.size }
        val random = Random(5)
        val looks =
            List(3) { n ->
                stored(folder, "looks$n", ResultKind.Attention, axes, listOf(shape)) { _, _ -> random.nextDouble() }
            }
        val base = bundle(*looks.toTypedArray())
        val analyses = looks.map { AttentionSpec(it.name, "texts", layers = List(12) { layer -> layer }) }
        val page = ReportPage.render(base.copy(spec = base.spec.copy(analyses = analyses)))
        page.length shouldBeLessThan 3 * MEGA
        page shouldContain "each square is the largest weight of"
        page shouldNotContain "each full row sums to 1"
    }

    test("texts that differ have blocks of their own tokens") {
        val folder = tempdir().toPath()
        val axes = listOf(axis("layer", 12), axis("head", 12), axis("query", 120), axis("key", 120))
        val lengths = listOf(120, 70)
        val looks =
            stored(folder, "looks", ResultKind.Attention, axes, lengths.map { listOf(12, 12, it, it) }) { example, at ->
                val n = lengths[example]
                if (at / n % n == 60 && at % n == 5) 0.875 else 0.001
            }
        val prompts = lengths.mapIndexed { i, n -> prompt(n, "xy"[i].toString()) }
        val sets = listOf(
            ContrastSetSpec(
                "texts",
                prompts.mapIndexed {
                    i,
                    prompt,
                    ->
                    ContrastSpec("example $i", prompt)
                },
            ),
        )
        val base = bundle(looks)
        val analyses = listOf(AttentionSpec("looks", "texts", layers = List(12) { it }))
        val page = ReportPage.render(base.copy(spec = base.spec.copy(contrasts = sets, analyses = analyses)))
        page.length shouldBeLessThan 3 * MEGA
        page shouldContain "from position 60 (x60) to position 5 (x5)"
        page shouldContain "y0 \u2013 y"
    }

    test("two bundles of large results: how far apart their numbers are, and where") {
        val (one, two, three) = listOf(-7.0, -7.5, -7.0).map { bundle(logits(tempdir().toPath(), it)) }
        val page = ComparisonPage.render(listOf("one" to one, "two" to two, "three" to three))
        page shouldContain "two and one differ by at most 0.500 in 1 shared example, at position 123, token 4321."
        page shouldContain "three and one have the same numbers in 1 shared example."
        page.length shouldBeLessThan 3 * MEGA
    }
})
