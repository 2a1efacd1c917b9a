package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.highest
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.overlap
import dev.kausal.dsl.resample
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

/** Overlap of two rankings of a run, counted again from their numbers. */
class OverlapRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("the shared heads are those at both tops") {
            val results = tinyStudy(model) {
                val set = tinyPairs(6)
                val zeroed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                val drawn by sweep(set, logitDifference) { each(heads) { ablate(it, with = resample) } }
                val common by overlap(zeroed, drawn, tops = listOf(1, 2, 4), order = highest)
            }.run(model)
            val common = results.named("common")
            val tops = listOf(1, 2, 4)
            common.axes.map { it.labels.size } shouldBe listOf(3, 5)
            tops.forEachIndexed { index, top ->
                val (a, b) = listOf("zeroed", "drawn").map { results.named(it).highest(top) }
                val record = common.overlap!![index]
                record.top shouldBe top
                record.shared shouldBe (a intersect b).size
                common.mean[index * 5]!! shouldBe (record.shared / top.toDouble() plusOrMinus 1e-12)
                common.mean[index * 5 + 1]!! shouldBe (record.expected / top plusOrMinus 1e-12)
                val halves = common.mean.subList(index * 5 + 3, index * 5 + 5)
                halves.forEach { (it!! in 0.0..1.0) shouldBe true }
            }
        }
    })

/** The heads with the highest mean change, counted row by row. */
private fun Result.highest(count: Int): Set<Int> {
    val clean = baseline.getValue("clean")
    val changes = mean.indices.map { cell -> perExample.indices.map { perExample[it][cell]!! - clean[it]!! }.average() }
    return changes.indices.sortedByDescending { changes[it] }.take(count).toSet()
}
