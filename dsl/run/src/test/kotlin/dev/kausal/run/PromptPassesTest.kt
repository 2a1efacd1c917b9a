package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.knows
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.Sizes
import dev.kausal.run.context.Resources
import dev.kausal.run.context.Setting
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe

/** How many prompts a filter runs together, and the memory that a plan announces for it. */
class PromptPassesTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }
        val tuning = model.device().tuning()
        val sizes = Sizes(model.config())

        fun study(filtered: Boolean) =
            tinyStudy(model) {
                val set = if (filtered) tinyPairs(4).filter(knows(rank = 25)) else tinyPairs(4)
                val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
            }

        test("passes fill half of the budget, up to the device's rows, and hold the longest prompt") {
            val spec = study(filtered = false).spec

            fun rows(budget: Long) =
                Setting(model.config(), model.points(), spec, Resources(budget, 1, tuning)).promptRows(10)
            rows(Long.MAX_VALUE) shouldBe tuning.promptRows()
            rows(2 * 37 * sizes.rowBytes(10)) shouldBe 37
            rows(1) shouldBe 10
        }

        test("a plan counts the passes of a filter") {
            fun peak(filtered: Boolean) =
                PlanSummary.of(study(filtered).spec, sizes, model.points(), 1L shl 24, 1, tuning).peakBytes
            val lengths = study(true).spec.contrasts.single().contrasts.flatMap { listOf(it.clean, it.corrupted!!) }
            val passes = lengths.sumOf { it.length } * sizes.rowBytes(lengths.maxOf { it.length })
            peak(filtered = true) shouldBe maxOf(peak(filtered = false), sizes.heldBytes() + passes)
            passes shouldBeGreaterThan 0
        }
    })
