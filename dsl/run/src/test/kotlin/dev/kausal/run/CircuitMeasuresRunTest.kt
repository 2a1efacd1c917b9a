package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.ContrastsScope
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.absolute
import dev.kausal.dsl.circuit
import dev.kausal.dsl.edge
import dev.kausal.dsl.edgeAttribution
import dev.kausal.dsl.gradient
import dev.kausal.dsl.greedy
import dev.kausal.dsl.logitDifference
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.analyses.CircuitSets
import dev.kausal.run.analyses.NoDrawsException
import dev.kausal.spec.CircuitPart
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.MinimalitySpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith

/** Completeness, minimality and edges of consistent sign, against circuits whose edges are named one by one. */
class CircuitMeasuresRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        val labels = EdgeGraph(model.config()).labels()
        afterSpec { model.close() }

        // Answers and foils such that every clean run has more of the answer than its corrupted one.
        val swapped: Set<Int> by lazy {
            val plain = tinyStudy(model) { val any by circuit(pairs(), logitDifference, keep = listOf(edge(LAST))) }
            val found = plain.run(model).named("any").baseline
            val (clean, corrupted) = listOf("clean", "corrupted").map(found::getValue)
            clean.indices.filter { clean[it]!! < corrupted[it]!! }.toSet()
        }

        test("completeness is that of the circuit of all other edges, minimality that of circuits without one") {
            val first =
                tinyStudy(model) {
                    val edges by edgeAttribution(pairs(swapped), logitDifference, by = gradient)
                    val found by circuit(edges, sizes = listOf(3, 40), draws = 2, completeness = true, minimality = 3)
                    val plain by circuit(edges, sizes = listOf(3, 40))
                }.run(model)
            val found = first.named("found")
            val kept = found.circuit!!.ranked.single().take(3)
            val byHand =
                tinyStudy(model) {
                    val set = pairs(swapped)
                    val rest by circuit(set, logitDifference, keep = (labels - kept.toSet()).map(::edge))
                    val whole by circuit(set, logitDifference, keep = kept.map(::edge))
                    val fewer by circuit(set, logitDifference, keep = kept.drop(1).map(::edge))
                }.run(model)
            val rest = byHand.named("rest")
            found.circuit!!.without[0]!! shouldBe rest.mean[0]!!.plusOrMinus(NEAR)
            found.completeness!![0]!! shouldBe (1 - rest.faithfulness!![0]!!).plusOrMinus(NEAR)
            val completeness = first.named("found.completeness")
            completeness.axes[1].labels shouldContainExactly
                listOf("completeness", "faithfulness", "completeness of random circuits")
            val (clean, corrupted) =
                listOf("clean", "corrupted").map { rest.baseline.getValue(it).map { one -> one!! } }
            for (i in clean.indices) {
                val own = completeness.perExample[i][0] ?: continue
                own shouldBe ((clean[i] - rest.perExample[i][0]!!) / (clean[i] - corrupted[i])).plusOrMinus(NEAR)
            }
            val minimality = first.named("found.minimality")
            minimality.axes.single().labels shouldContainExactly kept.sortedBy(labels::indexOf)
            val record = minimality.minimality.shouldNotBeNull()
            record.faithfulness!! shouldBe byHand.named("whole").faithfulness!![0]!!.plusOrMinus(NEAR)
            record.by shouldBe CircuitPart.Edge
            val at = minimality.axes.single().labels.indexOf(kept.first())
            for (i in clean.indices) {
                val own = minimality.perExample[i][at] ?: continue
                val change = byHand.named("fewer").perExample[i][0]!! - byHand.named("whole").perExample[i][0]!!
                own shouldBe (change / (clean[i] - corrupted[i])).plusOrMinus(NEAR)
            }
            first.named("plain").completeness.shouldBeNull()
            first.results.none { it.name == "plain.minimality" } shouldBe true
            val ratios = first.named("found.faithfulness").ratios.shouldNotBeNull()
            val own = first.named("found.faithfulness").perExample.mapNotNull { it[0] }
            ratios.examples shouldBe own.size
            ratios.mean[0]!! shouldBe own.average().plusOrMinus(1e-9)
            (ratios.ciLow[0]!! <= ratios.mean[0]!! && ratios.mean[0]!! <= ratios.ciHigh[0]!!) shouldBe true
        }

        test("halves have the parts of both circuits") {
            val results =
                tinyStudy(model) {
                    val set = pairs(swapped)
                    val edges by edgeAttribution(set, logitDifference, by = gradient)
                    val both by circuit(edges, sizes = listOf(4), halves = true, minimality = 4, completeness = true)
                }.run(model)
            val both = results.named("both.minimality")
            val record = both.minimality!!
            val parts = record.run { needed + unneeded + opposing + undecided }
            parts.sorted() shouldContainExactly both.axes.single().labels.sorted()
            both.axes.single().labels.sorted() shouldContainExactly
                results.named("both").circuit!!.ranked.flatMap { it.take(4) }.distinct().sorted()
            // An example has the parts of the circuit that it is measured with, unless its runs hardly differ.
            val counts = both.perExample.map { row -> row.count { it != null } }
            counts.toSet() - 0 shouldBe setOf(4)
        }

        test("of a large circuit, a writer is taken out with all of its edges") {
            val graph = EdgeGraph(model.config())
            val apart = MinimalitySpec(60, CircuitPart.Writer, 16)
            val kept = labels.take(60)
            val spec = CircuitSpec("c", "s", null, MetricSpec.LogitDifference, kept = kept, minimality = apart)
            val sets = CircuitSets.Maker(spec, graph).of((0 until 60).toList())
            val writers = (0 until 60).groupBy { graph.writers()[graph.writer(it)].label() }
            sets.parts.keys shouldBe writers.keys
            sets.parts.forEach { (writer, left) ->
                left.stream().boxed().toList() shouldContainExactly (0 until 60) - writers.getValue(writer).toSet()
            }
        }

        test("edges whose sign does not hold are left out of every order") {
            fun run(least: Double?): Results =
                tinyStudy(model) {
                    val edges by edgeAttribution(pairs(), logitDifference, by = gradient)
                    val ranked by circuit(edges, sizes = listOf(190), select = absolute, consistent = least)
                    val up by circuit(edges, sizes = listOf(190), select = greedy, consistent = least)
                }.run(model)
            val some = run(1.0)
            val edges = some.named("edges")
            val ranked = some.named("ranked").circuit!!
            val left = ranked.leftOut.single()
            left shouldBeGreaterThan 0
            ranked.ranked.single().size shouldBe labels.size - left
            // An edge with values of both signs changes its sign in some draw of one example alone.
            val mixed =
                labels.indices.filter { i -> edges.perExample.run { any { it[i]!! > 0 } && any { it[i]!! < 0 } } }
            val alike =
                labels.indices.filter { i -> edges.perExample.run { all { it[i]!! > 0 } || all { it[i]!! < 0 } } }
            mixed.size shouldBeGreaterThan 0
            ranked.ranked.single() shouldContainAll alike.map(labels::get)
            val dominated = mixed.filter { i -> opposed(edges, i) }.map(labels::get)
            ranked.ranked.single().intersect(dominated.toSet()) shouldBe emptySet()
            ranked.ranked.single() shouldContainAll some.named("up").circuit!!.ranked.single()
            run(null).named("ranked").circuit!!.leftOut shouldBe emptyList()
        }

        test("signs of one subject cannot be drawn") {
            shouldThrow<NoDrawsException> {
                tinyStudy(model) {
                    val edges by edgeAttribution(pairs(), logitDifference, by = gradient)
                    val two = contrasts { repeat(2) { i -> one(i) } }
                    val few by edgeAttribution(two, logitDifference, by = gradient)
                    val kept by circuit(few, sizes = listOf(5), halves = true, consistent = 0.9)
                }.run(model)
            }.message!! shouldEndWith
                ", kept: consistent needs draws of two or more subjects of few, but edges are ranked on 1; " +
                "use more " +
                "examples, or leave consistent out"
        }
    })

private const val PAIRS = 8
private const val LAST = "L2 mlp -> logits"
private const val NEAR = 1e-3

/** Whether half of the examples have the other sign than the mean, so that most draws cannot agree. */
private fun opposed(
    edges: Result,
    cell: Int,
): Boolean = edges.perExample.count { it[cell]!! * edges.mean[cell]!! < 0 } >= PAIRS / 2

private fun ExperimentScope.pairs(swapped: Set<Int> = emptySet()): Contrasts<CausalLm> =
    contrasts { repeat(PAIRS) { i -> one(i, i in swapped) } }

private fun ContrastsScope.one(
    i: Int,
    swapped: Boolean = false,
) {
    val (answer, foil) = if (swapped) " y$i" to " x$i" else " x$i" to " y$i"
    contrast(
        clean = "the [a$i b$i] is in the city of",
        answer = answer,
        corrupted = "the [c$i d$i] is in the city of",
        foil = foil,
        label = "example $i",
    )
}
