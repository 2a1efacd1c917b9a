package dev.kausal.run

import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.TextEncoder
import dev.kausal.dsl.Vit
import dev.kausal.dsl.attention
import dev.kausal.dsl.declared
import dev.kausal.dsl.finalKeys
import dev.kausal.dsl.finalQueries
import dev.kausal.dsl.imageFolder
import dev.kausal.dsl.keys
import dev.kausal.dsl.on
import dev.kausal.dsl.queries
import dev.kausal.dsl.scores
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.inputs.Activation
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.Readings
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.exp

private fun Result.at(
    layer: Int,
    head: Int,
    row: Int,
    column: Int,
    example: Int = 0,
): Double? = perExample[example][((layer * shape[1] + head) * shape[2] + row) * shape[3] + column]

/** The results of a script on a tiny model, and what the model's points show for the first input. */
private fun results(
    model: String,
    words: ExperimentScope.(Inputs<*>) -> Unit,
): Pair<Map<String, Result>, Map<String, Activation>> {
    val vision = model.contains("vit")
    val declared =
        declared(imageFolder("a.png", "b.png")) {
            if (vision) {
                val vit = model<Vit>("tiny")
                words(
                    images(vit) {
                        image("a.png")
                        image("b.png")
                    },
                )
            } else {
                val lm = model<TextEncoder>("tiny")
                words(
                    prompts(lm) {
                        prompt("the cat sat on the mat")
                        pair("the dog", "it ran")
                    },
                )
            }
        }
    return declared.on(tinyFolder(model, "wordpiece-template".takeIf { !vision })) { bound, opened ->
        val first = bound.spec.contrasts.single().contrasts[0].clean
        val names = points(opened)
        val shown = Readings(LocalBackend(opened, PlainExecutor()), EngineInputs(bound.inputs())).of(first, names)
        bound.run(opened, PlainExecutor()).results.associateBy { it.name } to names.zip(shown).toMap()
    }
}

private fun points(model: HookedModel): List<String> =
    model.points().all().filter { it.layer() == 1 && it.name().contains("attn.hook") }.map { it.name() }

class AttentionReadingTest :
    FunSpec({
        for (model in listOf("minilm", "distilbert-masked", "timm-vit-qk-norm")) {
            test("$model: pattern, scores, queries and keys are what the points show") {
                val (found, shown) =
                    results(model) { inputs ->
                        val looks by attention(inputs, layers = listOf(-1), heads = listOf(1))
                        val raw by attention(inputs, layers = -1..-1, of = scores)
                        val q by attention(inputs, layers = -1..-1, of = queries)
                        val k by attention(inputs, layers = -1..-1, of = keys)
                        val lastQ by attention(inputs, layers = -1..-1, of = finalQueries)
                        val lastK by attention(inputs, layers = -1..-1, of = finalKeys)
                        report { attention(looks) }
                    }
                val looks = found.getValue("looks")
                looks.axes.take(2).map { it.labels } shouldBe listOf(listOf("1"), listOf("1"))
                val pattern = shown.getValue(HookKind.PATTERN.name(1))
                looks.at(0, 0, 2, 3) shouldBe pattern.at(1, 2, 3)
                found.getValue("raw").at(0, 0, 2, 1) shouldBe shown.getValue(HookKind.ATTN_SCORES.name(1)).at(0, 2, 1)
                found.getValue("q").at(0, 1, 2, 3) shouldBe shown.getValue(HookKind.Q.name(1)).at(2, 1, 3)
                found.getValue("k").at(0, 1, 2, 3) shouldBe shown.getValue(HookKind.K.name(1)).at(2, 1, 3)
                // By hand: softmax over keys of products of the last queries and keys is the pattern.
                val q = found.getValue("lastQ")
                val k = found.getValue("lastK")
                val length = looks.axes[2].labels.size
                val its = (0 until length).takeWhile { looks.at(0, 0, 0, it) != null }
                val products =
                    its.map { key -> exp((0 until q.shape[3]).sumOf { q.at(0, 1, 2, it)!! * k.at(0, 1, key, it)!! }) }
                its.forEach { key ->
                    looks.at(0, 0, 2, key)!! shouldBe (products[key] / products.sum() plusOrMinus 1e-6)
                }
                looks.checks.values.single() shouldBeLessThan 1e-6
                looks.notes.single() shouldContain "the pattern of the first 2 examples differs by at most"
            }
        }

        test("means over heads and layers") {
            val (found, _) =
                results("minilm") { inputs ->
                    val all by attention(inputs)
                    val heads by attention(inputs, meanOverHeads = true)
                    val both by attention(inputs, meanOverHeads = true, meanOverLayers = true)
                    report { attention(both) }
                }
            val all = found.getValue("all")

            fun mean(layers: IntRange) = layers.flatMap { l ->
                all.axes[1].labels.indices.map { all.at(l, it, 1, 2)!! }
            }
            found.getValue("heads").at(1, 0, 1, 2)!! shouldBe (mean(1..1).average() plusOrMinus 1e-12)
            val both = found.getValue("both")
            both.axes.take(2).map { it.labels } shouldBe listOf(listOf("mean"), listOf("mean"))
            both.at(0, 0, 1, 2)!! shouldBe (mean(0 until all.shape[0]).average() plusOrMinus 1e-12)
            // The shorter example has no such token.
            both.at(0, 0, 1, both.shape[3] - 1, example = 1) shouldBe null
        }
    })
