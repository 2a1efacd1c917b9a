package dev.kausal.experiments.construction

import dev.kausal.dsl.ablate
import dev.kausal.dsl.attention
import dev.kausal.dsl.attentionMeasure
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.duplicateTokenScore
import dev.kausal.dsl.highest
import dev.kausal.dsl.inductionScore
import dev.kausal.dsl.jointAblation
import dev.kausal.dsl.lastCopy
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.previousTokenScore
import dev.kausal.dsl.randomTokens
import dev.kausal.dsl.recovery
import dev.kausal.dsl.repeatStart
import dev.kausal.dsl.residPost
import dev.kausal.dsl.sweep
import dev.kausal.experiments.rows
import dev.kausal.experiments.runExperiment
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlin.io.path.readText

/** Random tokens, and the scores of heads on them, of a model whose induction circuit is known. */
class HeadScoresTest :
    FunSpec({
        val folder = tempdir().toPath()
        val length = 8
        val results: Map<String, Result> by lazy {
            runExperiment("embedded:induction", folder.resolve("scores")) { lm ->
                seed(3)
                withoutInference()
                val texts = prompts { randomTokens(length, repeats = 2, count = 4, prefix = ".") }
                val patterns by attention(texts)
                val induction by attentionMeasure(texts, inductionScore)
                val previous by attentionMeasure(texts, previousTokenScore)
                val duplicate by attentionMeasure(texts, duplicateTokenScore)
                val asked = contrasts { randomTokens(length, count = 6, prefix = ".") }
                val needed by sweep(asked, logitDifference) { each(heads) { ablate(it) } }
                val restored by sweep(asked, recovery(logitDifference)) {
                    each(listOf(repeatStart, lastCopy), "place") { patch(clean, corrupted, 1, residPost).at(it) }
                }
                val together by jointAblation(
                    asked,
                    logitDifference,
                    ranking = induction,
                    order = highest,
                    sizes = listOf(1),
                    draws = 19,
                )
                report { heatmap(induction) }
            }
        }
        val spec by lazy { Json.decodeFromString<ExperimentSpec>(folder.resolve("scores/spec.json").readText()) }

        test("the heads that were built have their scores, and no other has") {
            results.getValue("previous").rows[0][2] shouldBeGreaterThan 0.9
            results.getValue("induction").rows[1][1] shouldBeGreaterThan 0.9
            for ((name, head) in listOf("previous" to (0 to 2), "induction" to (1 to 1))) {
                results.getValue(name).rows.forEachIndexed { layer, row ->
                    row.forEachIndexed { index, score -> if (layer to index != head) score shouldBeLessThan 0.5 }
                }
            }
        }
        test("scores are means over patterns, read by the prompts' layout alone") {
            val patterns = results.getValue("patterns")
            val (layers, heads, size) = patterns.shape
            // The second copy's tokens occur a copy earlier; what follows is one after that. The full stop occurs once.
            val queries = (length + 1..2 * length).toList()

            fun score(
                example: Int,
                layer: Int,
                head: Int,
                queries: List<Int>,
                back: Int,
            ) = queries.map { query ->
                patterns.perExample[example][((layer * heads + head) * size + query) * size + query - back]!!
            }.average()
            for (example in patterns.examples.indices) {
                for (layer in 0 until layers) {
                    for (head in 0 until heads) {
                        val cell = layer * heads + head

                        fun of(name: String) = results.getValue(name).perExample[example][cell]!!
                        of("induction") shouldBe (score(example, layer, head, queries, length - 1) plusOrMinus 1e-6)
                        of("duplicate") shouldBe (score(example, layer, head, queries, length) plusOrMinus 1e-6)
                        val previous = score(example, layer, head, (1 until size).toList(), 1)
                        of("previous") shouldBe (previous plusOrMinus 1e-6)
                    }
                }
            }
        }
        test("the spec holds what was drawn, and no special token is among it") {
            val (texts, asked) = spec.contrasts
            texts.contrasts.map { it.label } shouldBe List(4) { "random ${it + 1}" }
            for (example in texts.contrasts) {
                val ids = example.clean.ids
                ids.size shouldBe 1 + 2 * length
                ids.subList(1, 1 + length) shouldBe ids.drop(1 + length)
                ids.subList(1, 1 + length).distinct().size shouldBe length
                example.clean.tokens.none { it == "?" } shouldBe true
                example.clean.byIds shouldBe true
            }
            for (example in asked.contrasts) {
                val clean = example.clean.ids
                val corrupted = example.corrupted!!.ids
                clean.size shouldBe 2 * length
                clean[length] shouldBe example.answer!!.id
                corrupted[length] shouldBe example.foil!!.id
                clean.filterIndexed { i, id -> corrupted[i] != id }.size shouldBe 1
            }
            texts.contrasts.map { it.clean.ids }.distinct().size shouldBe 4
        }
        test("the model repeats what was drawn, needs its circuit for it, and a score ranks its heads") {
            val needed = results.getValue("needed")
            needed.baseline.getValue("clean").forEach { it!! shouldBeGreaterThan 1.0 }
            val clean = needed.baseline.getValue("clean").map { it!! }.average()
            needed.rows[1][1] shouldBeLessThan clean / 2
            needed.rows[0][2] shouldBeLessThan clean / 2
            results.getValue("restored").mean.last()!! shouldBe (1.0 plusOrMinus 1e-4)
            results.getValue("restored").mean.first()!! shouldBe (0.0 plusOrMinus 1e-4)
            results.getValue("together").notes.joinToString() shouldContain "1.1"
        }
    })
