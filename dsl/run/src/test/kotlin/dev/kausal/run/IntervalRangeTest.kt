package dev.kausal.run

import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.measured
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.ValueRange
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

/** Intervals of means that have a smallest or largest possible value. */
class IntervalRangeTest :
    FunSpec({
        val contrasts = List(10) { ContrastSpec("e$it", PromptSpec("p$it", listOf(1, it), listOf("a", "b$it"))) }
        val rows = List(10) { example -> listOf(if (example == 0) 0.2 else 1.0, if (example == 0) 0.8 else 0.0) }
        val axes = listOf(AxisSpec("cell", listOf("high", "low")))
        val result = measured("r", ResultKind.Probe, "AUROC", axes, contrasts.map { it.label }, rows)
        val inference = Inference(InferenceSpec(), 1)

        test("an end beyond what the mean can be is what it can be; the other end stays") {
            val free = inference.of(result, contrasts)
            val bounded = inference.of(result, contrasts, range = ValueRange.SHARE)
            free.ciHigh[0]!! shouldBeGreaterThan 1.0
            bounded.ciHigh[0] shouldBe 1.0
            bounded.ciLow[0] shouldBe free.ciLow[0]
            bounded.ciLow[1] shouldBe 0.0
            bounded.ciHigh[1] shouldBe free.ciHigh[1]
        }
    })
