package dev.kausal.run

import dev.kausal.bundle.MibScores
import dev.kausal.dsl.ablate
import dev.kausal.dsl.absolute
import dev.kausal.dsl.backward
import dev.kausal.dsl.circuit
import dev.kausal.dsl.dropped
import dev.kausal.dsl.edgeAttribution
import dev.kausal.dsl.gradient
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.recomputed
import dev.kausal.dsl.sweep
import dev.kausal.dsl.top
import dev.kausal.engine.circuits.EdgeAttribution
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgePair
import dev.kausal.engine.config.Input
import dev.kausal.engine.metrics.LogitDifference
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.Sizes
import dev.kausal.run.backend.toEngine
import dev.kausal.spec.BackwardRules
import dev.kausal.spec.EdgesSpec
import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.measure
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlin.math.abs

/** Estimates without a sign, and edges through the softmax, from script to results. */
class SizesRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }
        val sizes = backward(writes = dropped)

        test("a sweep of sizes has no sign, no change and no base; it ranks, and is screened") {
            val study =
                tinyStudy(model) {
                    val set = tinyPairs(4)
                    val plain by sweep(set, logitDifference, by = gradient) { each(heads) { ablate(it) } }
                    val found by sweep(set, logitDifference, by = gradient(sizes), exact = top(3, sample = 4)) {
                        each(heads) { ablate(it) }
                    }
                    val best by sweep(set, logitDifference) { each(found.top(2)) { ablate(it) } }
                }
            (study.spec.analysis("found") as SweepSpec).by!!.passes shouldBe model.config().layers()
            val tuning = model.device().tuning()
            val text = PlanSummary.of(study.spec, Sizes(model.config()), model.points(), 1L shl 28, 1, tuning).text()
            text shouldContain "found is estimated as sizes without a sign, which only rank"
            text shouldNotContain "plain is estimated as sizes"
            val results = study.run(model)
            val found = results.named("found")
            found.metric shouldBe "size of change of logitDifference"
            study.spec.measure(found) shouldBe Measure.SizeOf(MetricSpec.LogitDifference)
            found.perExample.flatten().all { it!! >= 0 } shouldBe true
            found.change.shouldBeNull()
            // Of a head of the last layer, every other pass has the whole gradient: its size is that of the plain change.
            val plain = results.named("plain")
            val base = plain.baseline.getValue("clean")
            val heads = model.config().heads()
            for (cell in found.mean.size - heads until found.mean.size) {
                found.perExample.indices.forEach {
                    val size = abs(plain.perExample[it][cell]!! - base[it]!!)
                    found.perExample[it][cell]!! shouldBe size.plusOrMinus(1e-5)
                }
            }
            val screening = found.screening.shouldNotBeNull()
            screening.top shouldContainExactly found.mean.indices.sortedByDescending { found.mean[it]!! }.take(3)
            screening.ofSample.signs shouldBe 0
            screening.ofTop.slope.shouldBeNull()
            results.named("best").chosen.size shouldBe 1
        }

        test("edges of sizes rank circuits without CPR, and have no scores in MIB's format") {
            val study =
                tinyStudy(model) {
                    val edges by edgeAttribution(tinyPairs(4), logitDifference, by = gradient(sizes))
                    val soft by edgeAttribution(
                        tinyPairs(4),
                        logitDifference,
                        by = gradient(backward(softmax = recomputed)),
                        perQueryHead = true,
                    )
                    val found by circuit(edges, select = absolute)
                }
            val results = study.run(model)
            results.named("edges").metric shouldBe "size of change of logitDifference"
            results.named("edges").edges!!.strongest.all { it.sameSign == null && it.mean >= 0 } shouldBe true
            results.named("found").cpr.shouldBeNull()
            results.named("found").cmd.shouldNotBeNull()
            MibScores.of(results.named("soft"), study.spec.model.config).shouldNotBeNull()
            val unsigned = results.named("soft").copy(estimate = results.named("edges").estimate)
            MibScores.of(unsigned, study.spec.model.config).shouldBeNull()
            val first = study.spec.contrasts.first().contrasts.first()
            val (ids, others) = listOf(first.clean, first.corrupted!!).map { it.ids.toIntArray() }
            val metric = LogitDifference(first.answer!!.id, first.foil!!.id)
            val pair = EdgePair(Input.tokens(*ids), Input.tokens(*others), ids.lastIndex, metric)
            val rules: BackwardRules = (study.spec.analysis("edges") as EdgesSpec).by!!.rules
            val expected = EdgeAttribution.of(model, EdgeGraph(model.config()), pair, 0, rules.toEngine())
            results.named("edges").perExample.first().zip(expected.toList()) { value, other ->
                value!! shouldBe other.plusOrMinus(1e-6)
            }
        }
    })
