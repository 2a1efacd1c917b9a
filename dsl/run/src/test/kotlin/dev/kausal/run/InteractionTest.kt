package dev.kausal.run

import dev.kausal.dsl.Head
import dev.kausal.dsl.ablate
import dev.kausal.dsl.headDifference
import dev.kausal.dsl.interaction
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mean
import dev.kausal.dsl.on
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.inference.Rankings
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe

/** Heads in pairs, on a small random Llama: every number again from sweeps. */
class InteractionTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("a pair's number is what both change less the sum of what each changes, example by example") {
            val results =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val pairs by interaction(set, logitDifference, listOf(Head(1, 2), Head(0, 1)), with = mean)
                    val alone by sweep(set, logitDifference) { each(heads) { ablate(it, mean) } }
                    val both by sweep(set, logitDifference) {
                        each(listOf(0), "once") {
                            ablate(Head(0, 1), mean) + ablate(Head(1, 2), mean)
                        }
                    }
                }.run(model)
            val pairs = results.named("pairs")
            pairs.axes.map { it.labels }.distinct().single() shouldContainExactly listOf("0.1", "1.2")
            val perLayer = model.config().heads()
            pairs.perExample.forEachIndexed { example, row ->
                val clean = pairs.baseline.getValue("clean")[example]!!
                val first = results.named("alone").perExample[example][1]!! - clean
                val second = results.named("alone").perExample[example][perLayer + 2]!! - clean
                val both = results.named("both").perExample[example][0]!! - clean
                val expected = listOf(first, both - first - second, both - first - second, second)
                row.zip(expected) { found, value -> found!! shouldBe value.plusOrMinus(1e-4) }
            }
            val effects = pairs.pairs.shouldNotBeNull()
            effects.together[1]!! shouldBe
                (effects.alone[0]!! + effects.alone[1]!! + pairs.mean[1]!!).plusOrMinus(1e-6)
            effects.together[0] shouldBe effects.alone[0]
        }

        test("heads of several rankings are taken in turns") {
            val study =
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    val differs by headDifference(set)
                    val pairs by interaction(set, logitDifference, needed, differs, top = 3)
                }
            val results = study.run(model)
            val rankings = Rankings(study.spec, results.results.associateBy { it.name })
            val (one, other) =
                listOf("needed", "differs").map { rankings.ranked(it, dev.kausal.spec.Order.Strongest) { true } }
            val turns = one.zip(other).flatMap { it.toList() }.distinct().take(3).sorted()
            val perLayer = model.config().heads()
            results.named("pairs").axes[0].labels shouldContainExactly turns.map { "${it / perLayer}.${it % perLayer}" }
        }
    })
