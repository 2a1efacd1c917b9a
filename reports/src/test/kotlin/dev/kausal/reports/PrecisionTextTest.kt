package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.precisionText
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.ScreenedInBfloat16
import dev.kausal.spec.Bfloat16Screening
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.PrecisionError
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** What a page says of bfloat16. */
class PrecisionTextTest :
    FunSpec({
        val plain = Fixtures.bundle()

        test("a page of a run in float32 does not speak of precision") {
            precisionText(plain).shouldBeNull()
            ReportPage.render(plain) shouldNotContain "bfloat16"
        }

        test("a page of a run in bfloat16 states the error of outputs and of the worst metric") {
            val rounding = NoiseFloor.of(0.01, 16, 20.0, 1, NoiseFloor.BFLOAT16, 0.125)
            val bundle = plain.with(results = { it.copy(rounding = rounding) }, error = PrecisionError(16, 0.25, 21.4))
                .copy(environment = Fixtures.environment().copy(dtype = "bfloat16"))
            val text = precisionText(bundle)!!
            text shouldContain "Computed in bfloat16"
            text shouldContain "16 unedited prompts"
            text shouldContain "differ by at most 0.250; the largest is 21.4"
            text shouldContain "off by at most 0.125, in ${plain.results.results.first().name}"
            ReportPage.render(bundle) shouldContain "Computed in bfloat16"
        }

        test("a page of screened sweeps states how many cells are float32, and the largest difference") {
            val screening =
                Bfloat16Screening(listOf(3, 1), listOf(5), listOf(2.0, 1.0, 0.1), listOf(2.01, 0.98, 0.1), 0.02, 0.07)
            val first = plain.results.results.first().name
            val screened = plain.with(results = { if (it.name == first) it.copy(bfloat16 = screening) else it })
            precisionText(screened)!! shouldContain "and 3 of their 300 cells again"
            precisionText(screened)!! shouldContain "differ by at most 0.020, in $first"
            val grid = ResultGrid(screened.results.results.first(), screened.spec)
            val sentence = ScreenedInBfloat16.of(grid)!!
            sentence shouldContain "3 cells of 300 were computed again in float32"
            sentence shouldContain "the 2 with the largest changes, and all whose rank, sign or significance"
            sentence shouldContain "at most 0.020, and in one example by at most 0.070"
            ReportPage.render(screened) shouldContain "again in float32"
            ScreenedInBfloat16.of(ResultGrid(plain.results.results.first(), plain.spec)).shouldBeNull()
        }
    })

private fun Bundle.with(
    results: (Result) -> Result,
    error: PrecisionError? = null,
): Bundle = copy(results = this.results.copy(results = this.results.results.map(results), bfloat16 = error))
