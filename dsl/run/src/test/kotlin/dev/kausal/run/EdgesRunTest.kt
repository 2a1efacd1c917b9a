package dev.kausal.run

import dev.kausal.dsl.absolute
import dev.kausal.dsl.circuit
import dev.kausal.dsl.edge
import dev.kausal.dsl.edgeAttribution
import dev.kausal.dsl.exact
import dev.kausal.dsl.gradient
import dev.kausal.dsl.greedy
import dev.kausal.dsl.integratedGradients
import dev.kausal.dsl.kl
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.metric
import dev.kausal.engine.circuits.EdgeAttribution
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgePair
import dev.kausal.engine.config.Input
import dev.kausal.engine.forward.Linearisation
import dev.kausal.engine.metrics.LogitDifference
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.Sizes
import dev.kausal.run.analyses.NoHalvesException
import dev.kausal.run.analyses.NothingToExplainException
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.Result
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** Edges and circuits from script to results, on a small random Llama with grouped keys and values. */
class EdgesRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("estimates have the model's edges as labels, both ends as baselines, and a summary") {
            val study =
                tinyStudy(model) {
                    val set = tinyPairs(PAIRS)
                    val slopes by edgeAttribution(set, logitDifference, by = gradient)
                    val apart by edgeAttribution(set, logitDifference, by = gradient, perQueryHead = true)
                    val path by edgeAttribution(set, logitDifference, by = integratedGradients(3))
                }
            val results = study.run(model)
            val slopes = results.named("slopes")
            slopes.axes.single().name shouldBe "edge"
            slopes.axes.single().labels shouldContainExactly EdgeGraph(model.config()).labels()
            slopes.perExample shouldHaveSize PAIRS
            slopes.baseline.keys shouldBe setOf("clean", "corrupted")
            val apart = results.named("apart").axes.single().labels
            apart shouldContainExactly EdgeGraph(model.config().ungrouped()).labels()
            val summary = slopes.edges.shouldNotBeNull()
            val most = summary.strongest.first()
            abs(most.mean) shouldBe slopes.mean.maxOf { abs(it!!) }
            (most.ciLow!! <= most.mean && most.mean <= most.ciHigh!!) shouldBe true
            summary.totals.sumOf { it.edges } shouldBe slopes.mean.size
            summary.totals.sumOf { it.sum } shouldBe slopes.mean.sumOf { it!! }.plusOrMinus(1e-9)
            summary.strongest.all { it.sameSign!! in 0.0..1.0 } shouldBe true
            val first = study.spec.contrasts.single().contrasts.first()
            val (ids, others) = listOf(first.clean, first.corrupted!!).map { it.ids.toIntArray() }
            val metric = LogitDifference(first.answer!!.id, first.foil!!.id)
            val pair = EdgePair(Input.tokens(*ids), Input.tokens(*others), ids.lastIndex, metric)
            for ((name, steps) in listOf("slopes" to 0, "path" to 3)) {
                val expected = EdgeAttribution.of(model, EdgeGraph(model.config()), pair, steps, Linearisation.NONE)
                results.named(name).perExample.first().zip(expected.toList()) { found, value ->
                    found!! shouldBe value.plusOrMinus(1e-5 * expected.maxOf { abs(it) })
                }
            }
        }

        test("circuits go from the corrupted to the clean runs, and areas follow from faithfulness by hand") {
            val results =
                tinyStudy(model) {
                    val set = tinyPairs(PAIRS)
                    val edges by edgeAttribution(set, logitDifference)
                    val bySize by circuit(edges, sizes = listOf(1, 40, 190, 40), draws = 3)
                    val mib by circuit(edges, select = absolute)
                    val up by circuit(edges, sizes = listOf(20), select = greedy, halves = true)
                }.run(model)
            val bySize = results.named("bySize")
            bySize.axes.single().labels shouldContainExactly listOf("1", "40", "190")
            val (clean, corrupted) =
                listOf("clean", "corrupted").map { run -> bySize.baseline.getValue(run).map { it!! } }
            bySize.perExample.indices.forEach { bySize.perExample[it][2]!! shouldBe clean[it].plusOrMinus(1e-4) }
            bySize.faithfulness!!.indices.forEach { size ->
                val expected = (bySize.mean[size]!! - corrupted.average()) / (clean.average() - corrupted.average())
                bySize.faithfulness!![size]!! shouldBe expected.plusOrMinus(1e-9)
            }
            bySize.cpr.shouldBeNull()
            bySize.circuit!!.random.map { it.size } shouldContainExactly listOf(3, 3, 0)
            results.named("bySize.faithfulness").axes.map { it.name } shouldContainExactly listOf("size", "circuit")
            val mib = results.named("mib")
            mib.axes.single().labels shouldContainExactly CircuitSpec.MIB_SHARES.map { "${(it * 190).toInt()}" }
            area(mib.faithfulness!!.map { abs(1 - it!!) }) shouldBe mib.cmd!!.plusOrMinus(1e-9)
            mib.cpr.shouldNotBeNull()
            results.named("up").circuit!!.ranked shouldHaveSize 2
            results.named("up").circuit!!.connected.flatten().max().toDouble() shouldBeGreaterThan 0.0
        }

        test("a circuit by name without one edge is that edge's exact effect") {
            val all = EdgeGraph(model.config()).labels()
            val results =
                tinyStudy(model) {
                    val set = tinyPairs(PAIRS)
                    val own =
                        metric("own") { logits ->
                            logits.getFloat(answer.id.toLong()).toDouble() - logits.getFloat(foil.id.toLong())
                        }
                    val rest by circuit(set, own, keep = (all - LAST).map(::edge))
                    val effect by edgeAttribution(set, logitDifference, by = exact, only = listOf(edge(LAST)))
                    val divergence by circuit(set, kl, keep = (all - LAST).map(::edge))
                }.run(model)
            val rest = results.named("rest")
            rest.perExample.indices.forEach {
                val change = rest.perExample[it][0]!! - rest.baseline.getValue("clean")[it]!!
                change shouldBe results.named("effect").perExample[it][0]!!.plusOrMinus(1e-4)
            }
            results.named("divergence").baseline.getValue("clean").forEach { it!! shouldBe 0.0.plusOrMinus(1e-4) }
        }

        test("the expected memory grows with the budget, and stays within it") {
            val study = tinyStudy(model) {
                val path by edgeAttribution(tinyPairs(PAIRS), logitDifference, by = integratedGradients(3))
            }
            val sizes = Sizes(model.config())
            val peaks = listOf(0L, 1L shl 20, 1L shl 30).map { budget ->
                val plan = PlanSummary.of(study.spec, sizes, model.points(), budget, 2, model.device().tuning())
                plan.peakBytes - sizes.weightBytes()
            }
            peaks[0] shouldBeGreaterThan 0
            peaks[1] shouldBeLessThan (1L shl 20)
            peaks[2] shouldBeGreaterThan 3 * peaks[0]
            peaks[2] shouldBeLessThan (1L shl 30)
        }

        test("clean and corrupted runs with the same metric are refused") {
            val failure =
                shouldThrow<NothingToExplainException> {
                    tinyStudy(model) {
                        val same = metric("same") { 1.0 }
                        val edges by edgeAttribution(tinyPairs(PAIRS), same, by = exact, only = listOf(edge(LAST)))
                    }.run(model)
                }
            failure.message!!.contains("edges: the mean same of the clean and the corrupted runs differ") shouldBe true
        }

        test("a metric's name may have a percent sign in that message") {
            shouldThrow<NothingToExplainException> {
                tinyStudy(model) {
                    val same = metric("share in %") { 1.0 }
                    val edges by edgeAttribution(tinyPairs(PAIRS), same, by = exact, only = listOf(edge(LAST)))
                }.run(model)
            }.message!!.contains("the mean share in % of") shouldBe true
        }

        test("halves without examples to rank on are refused") {
            shouldThrow<NoHalvesException> {
                tinyStudy(model) {
                    val one = contrasts { contrast("the [a b] is in", " x", "the [c d] is in", " y") }
                    val edges by edgeAttribution(one, logitDifference, by = gradient)
                    val kept by circuit(edges, on = tinyPairs(PAIRS), sizes = listOf(5), halves = true)
                }.run(model)
            }.message!!.contains("kept: halves = true needs examples of edges in both halves") shouldBe true
        }
    })

private const val PAIRS = 6
private const val LAST = "L2 mlp -> logits"

/** MIB's trapezoids, written out. */
private fun area(values: List<Double>): Double {
    val shares = listOf(.001, .002, .005, .01, .02, .05, .1, .2, .5, 1.0)
    return (0 until 9).sumOf { (shares[it + 1] - shares[it]) * (values[it + 1] + values[it]) / 2 }
}
