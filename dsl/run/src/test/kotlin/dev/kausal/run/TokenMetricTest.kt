package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ablate
import dev.kausal.dsl.declared
import dev.kausal.dsl.get
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.metric
import dev.kausal.dsl.on
import dev.kausal.dsl.sweep
import dev.kausal.dsl.tinyFolder
import dev.kausal.dsl.token
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

class TokenMetricTest :
    FunSpec({
        test("a metric that names its tokens equals the built-in one of the same tokens") {
            val declared =
                declared {
                    model<CausalLm>("tiny")
                    val set = contrasts { contrast("the cat", "sat", "the dog", "cat") }
                    val sat = token("sat")
                    val cat = token("cat")
                    val own = metric("own") { logits -> logits[sat] - logits[cat] }
                    val named by sweep(set, own) { each(heads) { ablate(it) } }
                    val builtIn by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    report {
                        heatmap(named)
                        heatmap(builtIn)
                    }
                }
            declared.on(tinyFolder("llama")) { bound, model ->
                val results = bound.run(model)
                val expected = results.named("builtIn").perExample.single()
                for ((cell, value) in results.named("named").perExample.single().withIndex()) {
                    value!! shouldBe (expected[cell]!! plusOrMinus 1e-4)
                }
            }
        }
    })
