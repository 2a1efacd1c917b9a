package dev.kausal.run

import dev.kausal.dsl.edge
import dev.kausal.dsl.edgeAttribution
import dev.kausal.dsl.exact
import dev.kausal.dsl.gradient
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.roc
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.Journal
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.Result
import dev.kausal.statistics.Ties
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.abs

/** Recovery of edges that are taken for known, on a small random Llama with grouped keys and values. */
class RocRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }
        val known = listOf("embed -> L0.v1", "L0H2 -> L1.k0", "L1 mlp -> logits", "embed -> logits", "L1H3 -> L2 mlp")

        test("areas, rates and thresholds are those counted edge by edge") {
            val results =
                tinyStudy(model) {
                    val set = contrasts {
                        contrast("the [a b] is in the city of", " x", "the [c d] is in the city of", " y")
                        contrast("the [e f] is in the city of", " z", "the [g h] is in the city of", " y")
                    }
                    val slopes by edgeAttribution(set, logitDifference, by = gradient)
                    val runs by edgeAttribution(set, logitDifference, by = exact)
                    val recovered by roc(slopes, runs, truth = known.map(::edge))
                    report { lines(recovered) }
                }.run(model)
            val found = results.named("recovered")
            found.axes.single().labels shouldContainExactly listOf("slopes", "runs")
            val curve = results.named("recovered.curve")
            curve.shape shouldContainExactly listOf(21, 2)
            for ((i, ranking) in listOf("slopes", "runs").withIndex()) {
                val record = found.roc.shouldNotBeNull()[i]
                val effects = results.named(ranking).scores()
                val floor = record.floor.shouldNotBeNull()
                val scores = effects.keys.zip(Ties.grouped(effects.values.toList(), floor)).toMap()
                val others = scores - known.toSet()
                val pairs = known.flatMap { one -> others.values.map { won(scores.getValue(one), it) } }
                record.area shouldBe (pairs.average() plusOrMinus 1e-12)
                found.mean[i] shouldBe record.area
                record.greedyArea.shouldNotBeNull() shouldBe (grownArea(scores, known) plusOrMinus 1e-12)
                record.first shouldBe scores.values.count { it >= known.minOf(scores::getValue) }
                record.missed shouldContainExactly
                    known.filter { effects.getValue(it) <= (effects - known.toSet()).values.max() + floor }
                        .sortedBy(scores::getValue)
                for (point in record.points) {
                    point.edges shouldBe scores.values.count { it >= point.threshold }
                    point.tpr shouldBe known.count { scores.getValue(it) >= point.threshold } / 5.0
                    point.fpr shouldBe (others.values.count { it >= point.threshold } / 185.0 plusOrMinus 1e-12)
                }
                curve.mean[40 + i] shouldBe 1.0
            }
        }

        test("a change of effects within rounding changes no verdict") {
            val study =
                tinyStudy(model) {
                    val slopes by edgeAttribution(tinyPairs(1), logitDifference, by = gradient)
                    val recovered by roc(slopes, truth = known.map(::edge))
                    report { lines(recovered) }
                }
            val measured = study.run(model).named("slopes")

            fun recovered(effect: (Int) -> Double): Result {
                val own = measured.copy(mean = measured.mean.indices.map(effect))
                val backend = LocalBackend(model, BatchedExecutor(1L shl 28))
                val given = mapOf("slopes" to listOf(own))
                return ExperimentRunner(study.runnable(), backend, Journal.None, given).run(Silence).named("recovered")
            }
            // Few levels, so that many edges have equal effects.
            val level = { edge: Int -> edge * 7 % 10 / 10.0 }
            val (before, after) = listOf(0.0, 1e-8).map { size -> recovered { level(it) + size * (it * 3 % 7 - 3) } }
            val (expected, found) = listOf(before, after).map { it.roc!!.single() }
            found.missed shouldContainExactly expected.missed
            found.area shouldBe expected.area
            found.greedyArea shouldBe expected.greedyArea
            found.first shouldBe expected.first
            found.points.map { it.tpr to it.fpr } shouldContainExactly expected.points.map { it.tpr to it.fpr }
            before.notes shouldBe emptyList()
            after.notes.single() shouldContain "count as equal"
            val flat = recovered { 0.5 + 1e-8 * (it % 3) }
            flat.roc!!.single().area shouldBe 0.5
            flat.notes.single() shouldContain "it ranks none"
        }
    })

private fun Result.scores(): Map<String, Double> = axes.single().labels.zip(mean.map { abs(it!!) }).toMap()

private fun won(
    one: Double,
    other: Double,
) = if (one > other) {
    1.0
} else if (one == other) {
    0.5
} else {
    0.0
}

/** The parts that a writer reads with, by their names: two query heads share keys and values. */
private fun readers(writer: String): List<String> {
    if (writer.endsWith(" mlp")) return listOf(writer)
    val (layer, head) = Regex("L(\\d)H(\\d)").matchEntire(writer)?.destructured ?: return emptyList()
    return listOf("L$layer.q$head", "L$layer.k${head.toInt() / 2}", "L$layer.v${head.toInt() / 2}")
}

/** MIB's area, with circuits grown and pruned edge by edge. */
private fun grownArea(
    scores: Map<String, Double>,
    known: List<String>,
): Double {
    val grown = mutableListOf<String>()
    val open = mutableSetOf("logits")
    while (true) {
        val reached = scores.keys.filter { it !in grown && it.substringAfter(" -> ") in open }
        val next = reached.maxByOrNull(scores::getValue) ?: break
        grown += next
        open += readers(next.substringBefore(" -> "))
    }
    val rates =
        CircuitSpec.MIB_SHARES.map { share ->
            var kept = grown.take((share * scores.size).toInt())
            while (true) {
                val read = kept.map { it.substringAfter(" -> ") }
                val fed = kept.filter { edge ->
                    val writer = edge.substringBefore(" -> ")
                    writer == "embed" || readers(writer).any(read::contains)
                }
                if (fed.size == kept.size) break
                kept = fed
            }
            val right = kept.count { it in known }
            (kept.size - right) / 185.0 to right / 5.0
        }
    return rates.zipWithNext().sumOf { (a, b) -> (b.first - a.first) * (a.second + b.second) / 2 } / rates.last().first
}
