package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.hook
import dev.kausal.dsl.jointAblation
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.metric
import dev.kausal.dsl.on
import dev.kausal.dsl.rankCorrelation
import dev.kausal.dsl.recovery
import dev.kausal.dsl.sweep
import dev.kausal.dsl.times
import dev.kausal.engine.model.HookedModel
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** What is no number, and what is only rounding, is said to be that. */
class NonFiniteTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("an edit that makes NaN is named with its first cell and hook point") {
            val results =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val plain by sweep(set, logitDifference) {
                        each(layers) { l ->
                            hook(it.blocks[l].mlpOut) { x ->
                                if (l.index == 1) {
                                    x * Float.NaN
                                } else {
                                    x
                                }
                            }
                        }
                    }
                    val recovered by sweep(set, recovery(logitDifference)) {
                        each(layers) { l ->
                            hook(it.blocks[l].mlpOut) { x -> x * Float.POSITIVE_INFINITY }.on(corrupted)
                        }
                    }
                    report { bars(plain) }
                }.run(model)
            for (name in listOf("plain", "recovered")) {
                val result = results.named(name)
                withClue(result.notes) {
                    val note = result.notes.single { "NaN or infinite" in it }
                    note shouldContain "layer ${if (name == "plain") 1 else 0}, 'example 0', starts at blocks."
                    note shouldContain ".hook_mlp_out"
                    result.mean[1].shouldBeNull()
                }
            }
        }

        test("a metric that is no number is not blamed on an activation") {
            val results =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val odd by sweep(
                        set,
                        recovery(
                            metric("odd") {
                                Double.NaN
                            },
                        ),
                    ) { each(layers) { l -> ablate(it.blocks[l].mlpOut) } }
                    report { bars(odd) }
                }.run(model)
            val notes = results.named("odd").notes
            withClue(notes) {
                notes.count { "comes from the metric: all activations are finite" in it } shouldBe 3
                notes.none { "median difference" in it } shouldBe true
            }
        }

        test("a sweep that changes nothing ranks nothing") {
            val results =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val needed by sweep(set, logitDifference) { each(heads) { h -> ablate(h) } }
                    val flat by sweep(set, logitDifference) {
                        each(heads) { h -> hook(it.blocks[h.layer].attn.z.head(h.index)) { x -> x * 1f } }
                    }
                    val joint by jointAblation(set, logitDifference, flat, sizes = 1..2, draws = 19)
                    val agreement by rankCorrelation(needed, flat)
                    report { heatmap(agreement) }
                }.run(model)
            val said = "No effect of flat is above rounding, so it ranks nothing."
            results.named("agreement").mean[1].shouldBeNull()
            results.named("agreement").notes shouldContain said
            results.named("joint").mean.shouldBeEmpty()
            results.named("joint").notes shouldContain "$said No heads were chosen."
        }
    })
