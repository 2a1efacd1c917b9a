package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Model
import dev.kausal.dsl.ablate
import dev.kausal.dsl.attention
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.hook
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mean
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.residPre
import dev.kausal.dsl.subjectLast
import dev.kausal.dsl.sweep
import dev.kausal.dsl.times
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.backend.Remembered
import dev.kausal.run.backend.RememberingBackend
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe

/** What was computed is not computed again, and what was not is. */
class RememberingBackendTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }
        val local = LocalBackend(model, BatchedExecutor(1L shl 28))

        fun study(
            factor: Float? = null,
            layers: List<Int> = listOf(0, 1),
            means: Boolean = false,
            more: Boolean = false,
        ): BoundExperiment =
            tinyStudy(model) {
                val set = tinyPairs(3)
                val patched by sweep(set, recovery(logitDifference)) {
                    each(layers, "layer") { l ->
                        patch(from = clean, to = corrupted, it.blocks[l].residPre).at(subjectLast)
                    }
                }
                val needed by sweep(set, logitDifference) {
                    each(heads) { head -> if (means) ablate(head, with = mean) else ablate(head) }
                }
                val looks by attention(set, layers = 0..(if (more) 1 else 0))
                if (factor != null) {
                    val half by sweep(set, logitDifference) {
                        each(listOf(1)) { l -> hook(it.blocks[l].residPre) { x -> x * factor } }
                    }
                }
            }

        class Kept {
            val remembered = Remembered()

            fun run(study: BoundExperiment): Results {
                remembered.begin()
                return ExperimentRunner(study.runnable(), RememberingBackend(local, remembered)).run(Silence)
            }
        }

        fun shouldAgree(found: Results, study: BoundExperiment) {
            val expected = ExperimentRunner(study.runnable(), local).run(Silence)
            found.results.map { it.name } shouldBe expected.results.map { it.name }
            found.results.zip(expected.results).forEach { (a, b) ->
                withClue(a.name) {
                    a.perExample.flatten().zip(b.perExample.flatten()).forEach { (x, y) ->
                        (x ?: 0.0) shouldBe (y ?: 0.0).plusOrMinus(1e-3)
                    }
                }
            }
        }

        test("the same experiment again computes nothing, and has the same numbers") {
            val kept = Kept()
            val first = kept.run(study())
            kept.remembered.cellsComputed shouldBeGreaterThan 0
            kept.remembered.answersComputed shouldBeGreaterThan 0
            val computed = kept.remembered.cellsComputed
            val again = kept.run(study())
            kept.remembered.cellsComputed shouldBe 0
            kept.remembered.answersComputed shouldBe 0
            kept.remembered.cellsFound shouldBeGreaterThan computed - 1
            again.results.map { it.perExample } shouldBe first.results.map { it.perExample }
        }

        test("of a sweep with one more layer, only the new cells are computed") {
            val kept = Kept()
            kept.run(study(layers = listOf(0)))
            val all = kept.remembered.cellsComputed
            val wider = study(layers = listOf(0, 1))
            val found = kept.run(wider)
            // Three examples at the new layer, and controls at the strongest cell, which may have moved.
            kept.remembered.cellsComputed shouldBeLessThan all
            kept.remembered.cellsFound shouldBeGreaterThan kept.remembered.cellsComputed
            kept.remembered.answersComputed shouldBe 0
            shouldAgree(found, wider)
        }

        test("another replacement, or another reading, is computed") {
            val kept = Kept()
            kept.run(study())
            val means = study(means = true)
            shouldAgree(kept.run(means), means)
            kept.remembered.cellsComputed shouldBeGreaterThan 0
            val more = study(means = true, more = true)
            shouldAgree(kept.run(more), more)
            kept.remembered.answersComputed shouldBeGreaterThan 0
        }

        test("functions of the script are called each time") {
            val kept = Kept()
            val half = study(factor = 0.5f)
            shouldAgree(kept.run(half), half)
            val third = study(factor = 0.3f)
            shouldAgree(kept.run(third), third)
            kept.remembered.cellsComputed shouldBeGreaterThan 0
        }

        test("what many runs do not need is dropped") {
            val kept = Kept()
            kept.run(study())
            val wide = kept.remembered.size
            repeat(20) { kept.run(study(layers = listOf(0))) }
            kept.remembered.size shouldBeLessThan wide
        }
    })
