package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.directLogitAttribution
import dev.kausal.dsl.knows
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.logitLens
import dev.kausal.dsl.on
import dev.kausal.dsl.patch
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.ContrastSpec
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** Filters and spans on a small random Llama. */
class FilterRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        /** How many tokens are likelier than the answer, after the clean prompt alone. */
        fun rank(contrast: ContrastSpec): Int {
            val ids = contrast.clean.ids.toIntArray()
            return Torch.manager().use { manager ->
                val logits = model.lastLogits(listOf(ids), model.noHooks(), manager).toFloatArray()
                logits.sortedDescending().indexOf(logits[contrast.answer!!.id])
            }
        }

        test("knows keeps the contrasts whose answers rank high, and says why it drops the others") {
            val study =
                tinyStudy(model) {
                    val known = contrasts { words() }.filter(knows(rank = 25))
                    val needed by sweep(known, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }
            val results = study.run(model)
            val all = study.spec.contrasts.single().contrasts
            val ranks = all.map { rank(it) }
            val filter = results.filters.single()
            filter.candidates shouldBe all.size
            filter.kept.all { ranks[it] < 25 } shouldBe true
            filter.dropped.size shouldBe all.size - filter.kept.size
            filter.dropped.filter { "clean" in it.reason }.map { it.label } shouldContainExactly
                all.indices.filter { ranks[it] >= 25 }.map { all[it].label }
            results.results.single().examples shouldContainExactly filter.kept.map { all[it].label }
        }

        test("contrasts that do not fit into one batch are each judged by their own prompt") {
            val study =
                tinyStudy(model) {
                    val many =
                        contrasts {
                            for (first in 'a'..'z') {
                                for (second in "abcdefghijkl") {
                                    val words = List(1 + (second - 'a') % 3) { "$second" }.joinToString(" ")
                                    val prompt = "the [$first $words] is in the city of"
                                    contrast(prompt, answer = " $second", foil = " z", label = "$first$second")
                                }
                            }
                        }.filter(knows(rank = 40))
                    val shares by directLogitAttribution(many)
                    report { bars(shares) }
                }
            val all = study.spec.contrasts.single().contrasts
            all.sumOf { it.clean.length } shouldBeGreaterThan 2 * 1024
            study.run(model).filters.single().kept shouldContainExactly all.indices.filter { rank(all[it]) < 40 }
        }

        test("a filter that keeps nothing is the user's to mend") {
            val study =
                tinyStudy(model) {
                    val none = contrasts { contrast("a [b] c", answer = " z", label = "only") }.filter(knows())
                    val lens by logitLens(none)
                    report { table(lens) }
                }
            shouldThrow<NothingKept> { study.run(model) }.message!! shouldContain "does not keep the only example"
        }

        test("spans align prompts of different lengths; tokens without a name are edited one at a time and averaged") {
            val study =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val bySpan by sweep(set, logitDifference) {
                        each(spans) { span -> patch(from = clean, to = corrupted, 1).at(span) }
                    }
                    report { lines(bySpan) }
                }
            val result = study.run(model).named("bySpan")
            result.axes.single().labels shouldBe
                listOf("subject-first", "subject-middle", "subject-last", "after-subject", "further", "last")
            study.spec.contrasts.single().contrasts.forEachIndexed { example, contrast ->
                val from = contrast.clean.subject!!
                val to = contrast.corrupted!!.subject!!
                val values = if (from == to) {
                    byPosition(model, example).run(model).results.single().perExample.single()
                } else {
                    null
                }
                val middle = result.perExample[example][1]
                if (from.last - from.first < 2 || to.last - to.first < 2) {
                    middle shouldBe null
                } else if (values != null) {
                    val expected = (to.first + 1 until to.last).map { values[it]!! }.average()
                    middle!! shouldBe expected.plusOrMinus(1e-4)
                }
                if (values != null) result.perExample[example][0]!! shouldBe values[to.first]!!.plusOrMinus(1e-4)
            }
            withClue("some examples have no middle token, others have") {
                result.perExample.map { it[1] == null }.toSet() shouldBe setOf(true, false)
            }
        }
    })
