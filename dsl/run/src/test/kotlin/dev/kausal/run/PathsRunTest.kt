package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Head
import dev.kausal.dsl.Intervention
import dev.kausal.dsl.Model
import dev.kausal.dsl.Place
import dev.kausal.dsl.Run
import dev.kausal.dsl.circuit
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.edge
import dev.kausal.dsl.edgeAttribution
import dev.kausal.dsl.exact
import dev.kausal.dsl.freeze
import dev.kausal.dsl.gradient
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mlpOut
import dev.kausal.dsl.patch
import dev.kausal.dsl.path
import dev.kausal.dsl.recovery
import dev.kausal.dsl.subject
import dev.kausal.dsl.subjectLast
import dev.kausal.dsl.sweep
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.Result
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs

/** Patched edges and paths from script to results, on a small random Llama with grouped keys and values. */
class PathsRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }
        val all = EdgeGraph(model.config()).labels()

        test("a sweep over edges has the effects that edgeAttribution measures, or estimates") {
            val into = all.filter { it.endsWith("-> L2.k1") }
            val out = all.filter { it.startsWith("L1 mlp ->") }
            val results =
                tinyStudy(model) {
                    val set = tinyPairs(PAIRS)
                    val read by sweep(set, logitDifference) {
                        each(edgesInto("L2.k1")) { patch(from = corrupted, to = clean, edge = it) }
                    }
                    val written by sweep(set, logitDifference, by = gradient) {
                        each(edgesFrom("L1 mlp")) { patch(from = corrupted, to = clean, edge = it) }
                    }
                    val measured by edgeAttribution(set, logitDifference, by = exact, only = into.map(::edge))
                    val estimated by edgeAttribution(set, logitDifference, by = gradient)
                }.run(model)
            results.named("read").axes.single().name shouldBe "edge"
            results.named("read").axes.single().labels shouldContainExactly into
            results.named("read").changes() near results.named("measured").perExample
            results.named("written").axes.single().labels shouldContainExactly out
            val estimated = results.named("estimated").perExample.map { row -> out.map { row[all.indexOf(it)] } }
            results.named("written").changes() near estimated
        }

        test("edges patched together are the circuit without them, whatever one changes of another's writer") {
            val sets =
                listOf(
                    listOf("L0H1 -> L1.q2", "L1H2 -> logits"),
                    listOf("L0 mlp -> L1.v0", "L1H0 -> L2.k1", "L0H3 -> logits", "L1H1 -> L2.k1"),
                )
            val results =
                tinyStudy(model) {
                    val set = tinyPairs(PAIRS)
                    val one by circuit(set, logitDifference, keep = (all - sets[0].toSet()).map(::edge))
                    val two by circuit(set, logitDifference, keep = (all - sets[1].toSet()).map(::edge))
                    val together by sweep(set, logitDifference) {
                        each(sets, "edges") { some -> patch(from = corrupted, to = clean, edges = some.map(::edge)) }
                    }
                    val apart by sweep(set, logitDifference) {
                        each(sets, "edges") { some ->
                            some.map { patch(from = corrupted, to = clean, edge(it)) }.reduce(Intervention::plus)
                        }
                    }
                }.run(model)
            val expected = results.named("one").perExample.zip(results.named("two").perExample) { a, b -> a + b }
            results.named("together").perExample near expected
            results.named("apart").perExample near expected
        }

        test("a path is the same as freezing every other part, in both directions and at a place") {
            val results =
                tinyStudy(model) { lm ->
                    val set = tinyPairs(PAIRS)
                    val along = path("L0H1 -> L1H2.q -> logits")
                    val places = listOf(null, subject, subjectLast)
                    val noised by sweep(set, logitDifference) {
                        each(places, "place") { patch(from = corrupted, to = clean, along).sentAt(it) }
                    }
                    val frozen by sweep(set, logitDifference) {
                        each(places, "place") { frozen(lm, corrupted, clean) { change -> change.sentAt(it) } }
                    }
                    val denoised by sweep(set, logitDifference) {
                        each(places, "place") { patch(from = clean, to = corrupted, along).sentAt(it) }
                    }
                    val thawed by sweep(set, logitDifference) {
                        each(places, "place") { frozen(lm, clean, corrupted) { change -> change.sentAt(it) } }
                    }
                    val recovered by sweep(set, recovery(logitDifference)) {
                        each(places, "place") { patch(from = clean, to = corrupted, along).sentAt(it) }
                    }
                }.run(model)
            results.named("noised").perExample near results.named("frozen").perExample
            results.named("denoised").perExample near results.named("thawed").perExample
            results.named("noised").changes().flatten().maxOf { abs(it!!) } shouldBeGreaterThan 1e-3
            val recovered = results.named("recovered")
            val (clean, corrupted) = listOf("clean", "corrupted").map { recovered.baseline.getValue(it).map { it!! } }
            recovered.perExample.forEachIndexed { example, row ->
                val gap = clean[example] - corrupted[example]
                row.zip(results.named("denoised").perExample[example]) { found, value ->
                    // An example whose clean run hardly differs has no recovery.
                    found?.let { it shouldBe ((value!! - corrupted[example]) / gap).plusOrMinus(1e-4 / abs(gap)) }
                }
            }
            recovered.perExample.count { it.first() != null } shouldBeGreaterThan 2
        }

        test("paths together share what they share; a part by all its inputs is its three inputs together") {
            val results =
                tinyStudy(model) {
                    val set = tinyPairs(PAIRS)
                    val inputs = listOf("q", "k", "v").map { path("L0H0 -> L1H3.$it -> L2 mlp -> logits") }
                    val both by sweep(set, logitDifference) {
                        val whole = path(Head(0, 0), "L1H3 -> L2 mlp -> logits")
                        each(listOf(listOf(whole), inputs), "paths") { patch(from = corrupted, to = clean, paths = it) }
                    }
                    val one by sweep(set, logitDifference) {
                        each(listOf(path("L1H3 -> L2.v1"), path("L1H3 -> L2H2.v")), "path") {
                            patch(from = corrupted, to = clean, it)
                        }
                    }
                    val named by sweep(set, logitDifference) {
                        each(listOf(edge(Head(1, 3), "L2.v1")), "edge") { patch(from = corrupted, to = clean, it) }
                    }
                }.run(model)
            val both = results.named("both").perExample
            both.map { listOf(it[0]) } near both.map { listOf(it[1]) }
            results.named("both").changes().flatten().maxOf { abs(it!!) } shouldBeGreaterThan 1e-3
            results.named("one").perExample near results.named("named").perExample.map { it + it }
        }

        val some = listOf("L0H1 -> L1H2.q -> logits", "L1H0 -> L2H3 -> logits", "embed -> L0H2.k -> L2.q1")

        test("both executors agree, and a path whose source has the same tokens is counted as unchanged") {
            val study =
                tinyStudy(model) {
                    val set = tinyPairs(PAIRS)
                    val paths by sweep(set, logitDifference) {
                        each(some, "path") { patch(from = corrupted, to = clean, path(it)) }
                    }
                    val same by sweep(set, logitDifference) {
                        each(listOf("L0H1 -> L1H2 -> logits").map(::path), "path") {
                            patch(from = corrupted, to = clean, it).at(0)
                        }
                    }
                }
            val results = study.run(model)
            results.named("paths").perExample near study.run(model, PlainExecutor()).named("paths").perExample
            results.named("paths").audit!!.unchanged shouldBe 0
            val same = results.named("same")
            same.audit!!.unchanged shouldBe PAIRS
            same.changes().flatten().forEach { it!! shouldBe 0.0.plusOrMinus(1e-5) }
        }
    })

private const val PAIRS = 6

private fun Intervention.sentAt(place: Place?): Intervention = if (place == null) this else at(place)

/** Returns head 1 of layer 0 to the queries of head 2 of layer 1 to the logits, stated by freezing all else. */
private fun frozen(
    lm: Model<CausalLm>,
    from: Run,
    to: Run,
    at: (Intervention) -> Intervention,
): Intervention {
    val heads = (0..2).flatMap { layer -> List(4) { Head(layer, it) } }
    val sender = Head(0, 1)
    val receiver = Head(1, 2)
    val mlps = freeze(0..2, mlpOut)
    val sent = to.with(at(patch(from = from, to = to, sender)) + freeze(heads - sender) + freeze(0..0, mlpOut))
    val queries = lm.blocks[receiver.layer].attn.q.head(receiver.index)
    val received = to.with(patch(from = sent, to = to, queries))
    return patch(from = received, to = to, receiver) + freeze(heads - receiver) + mlps
}

/** Changes from the run without edits. */
private fun Result.changes(): List<List<Double?>> =
    perExample.mapIndexed { example, row -> row.map { it!! - baseline.getValue("clean")[example]!! } }

private infix fun List<List<Double?>>.near(expected: List<List<Double?>>) {
    size shouldBe expected.size
    forEachIndexed { example, row ->
        row.zip(expected[example]).forEachIndexed { cell, (found, value) ->
            withClue("example $example, cell $cell") { found!! shouldBe value!!.plusOrMinus(2e-5) }
        }
    }
}
