package dev.kausal.run

import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.ImageClassifier
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.activationMaps
import dev.kausal.dsl.attention
import dev.kausal.dsl.attentionFlow
import dev.kausal.dsl.attentionMaps
import dev.kausal.dsl.attentionMeasure
import dev.kausal.dsl.capture
import dev.kausal.dsl.clsShare
import dev.kausal.dsl.concentration
import dev.kausal.dsl.declared
import dev.kausal.dsl.distance
import dev.kausal.dsl.diversity
import dev.kausal.dsl.entropy
import dev.kausal.dsl.featureNorm
import dev.kausal.dsl.imageFolder
import dev.kausal.dsl.mapAgreement
import dev.kausal.dsl.maximumFlow
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.on
import dev.kausal.dsl.patchAt
import dev.kausal.dsl.peak
import dev.kausal.dsl.peakColumn
import dev.kausal.dsl.peakRow
import dev.kausal.dsl.rollout
import dev.kausal.dsl.separatorShare
import dev.kausal.dsl.specialisation
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Result
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import kotlinx.serialization.json.Json
import kotlin.math.ln
import kotlin.math.sqrt

private fun run(
    model: String,
    words: ExperimentScope.() -> Unit,
): Map<String, Result> {
    val text = "vit" !in model && "deit" !in model
    val declared = declared(imageFolder("a.png", "b.png"), words)
    return declared.on(tinyFolder(model, "wordpiece-template".takeIf { text })) { bound, opened ->
        val json = Json.encodeToString(ExperimentSpec.serializer(), bound.spec)
        Json.decodeFromString(ExperimentSpec.serializer(), json) shouldBe bound.spec
        bound.run(opened, PlainExecutor()).results.associateBy { it.name }
    }
}

private fun ExperimentScope.pictures(): Inputs<ImageClassifier> {
    val vit = model<ImageClassifier>("tiny")
    return images(vit) {
        image("a.png")
        image("b.png")
    }
}

/** Pattern [layer][head][query][key] of the first example. */
private fun Result.pattern(): List<List<List<List<Double>>>> {
    val (_, heads, queries, keys) = shape
    return perExample[0].map { it!! }.chunked(keys).chunked(queries).chunked(heads)
}

private fun product(
    a: List<List<Double>>,
    b: List<List<Double>>,
) = a.map { row -> b[0].indices.map { j -> row.indices.sumOf { row[it] * b[it][j] } } }

/** The heads' mean. */
private fun fused(heads: List<List<List<Double>>>): List<List<Double>> =
    heads[0].indices.map { q -> heads[0].indices.map { k -> heads.map { it[q][k] }.average() } }

/** Half of the heads' mean, half of the identity. */
private fun mixed(heads: List<List<List<Double>>>): List<List<Double>> =
    fused(heads).mapIndexed { q, row -> row.mapIndexed { k, weight -> 0.5 * weight + if (q == k) 0.5 else 0.0 } }

private infix fun List<Double?>.near(expected: List<Double>) {
    size shouldBe expected.size
    zip(expected).forEach { (found, by) -> found!! shouldBe (by plusOrMinus 1e-6) }
}

class LookReadingTest :
    FunSpec({
        test("of images: maps, rollout and measures, by hand from the pattern") {
            val found =
                run("vit") {
                    val seen = pictures()
                    val looks by attention(seen)
                    val maps by attentionMaps(seen, layers = -1..-1)
                    val mean by attentionMaps(seen, layers = -1..-1, meanOverHeads = true)
                    val asked by attentionMaps(seen, layers = 0..0, heads = listOf(2), from = patchAt(1, 0))
                    val rolled by rollout(seen)
                    val far by attentionMeasure(seen, distance)
                    val row by attentionMeasure(seen, peakRow)
                    val column by attentionMeasure(seen, peakColumn)
                    val most by attentionMeasure(seen, peak)
                    val even by attentionMeasure(seen, concentration)
                    val unlike by attentionMeasure(seen, diversity)
                    val flows by maximumFlow(seen)
                    report { heatmap(rolled) }
                }
            val pattern = found.getValue("looks").pattern()
            val maps = found.getValue("maps")
            maps.axes.map { it.name } shouldBe listOf("layer", "head", "row", "column")
            maps.perExample[0] near pattern[1].flatMap { it[0].drop(1) }
            found.getValue("mean").perExample[0] near (1..9).map { key -> pattern[1].map { it[0][key] }.average() }
            found.getValue("asked").perExample[0] near pattern[0][2][4].drop(1)
            val rolled = found.getValue("rolled")
            rolled.shape shouldBe listOf(2, 3, 3)
            rolled.perExample[0].drop(9) near product(mixed(pattern[1]), mixed(pattern[0]))[0].drop(1)
            val map = pattern[1][3][0].drop(1)
            val best = map.indices.maxBy { map[it] }
            val last = { name: String -> found.getValue(name).perExample[0].last()!! }
            last("row") shouldBe (best / 3).toDouble()
            last("column") shouldBe (best % 3).toDouble()
            last("most") shouldBe (map[best] / map.sum() plusOrMinus 1e-6)
            val shares = map.map { it / map.sum() }
            last("even") shouldBe (1 + shares.sumOf { it * ln(it) } / ln(9.0) plusOrMinus 1e-6)
            found.getValue("far").shape shouldBe listOf(2, 4)
            found.getValue("unlike").shape shouldBe listOf(2)
            found.getValue("flows").axes.map { it.name } shouldBe listOf("row", "column")
        }

        test("what blocks leave at the patches, by hand from the residual stream, and attention from any position") {
            for ((model, before) in listOf("vit" to 1, "timm-deit-distilled" to 2, "timm-vit-avg-registers" to 3)) {
                val found =
                    run(model) {
                        val vit = model<ImageClassifier>("tiny")
                        val seen = images(vit) { listOf("a.png", "b.png").forEach { image(it) } }
                        val stream by capture(seen, vit.blocks[1].residPost)
                        val means by activationMaps(seen, layers = listOf(-1))
                        val norms by activationMaps(seen, layers = listOf(1), of = featureNorm)
                        val looks by attention(seen)
                        val asked by attentionMaps(seen, from = patchAt(2, 1))
                        report { imageMap(means) }
                    }
                val stream = found.getValue("stream")
                stream.axes[0].labels.size shouldBe before + 9
                val rows = stream.perExample[1].map { it!! }.chunked(stream.shape[1]).drop(before)
                found.getValue("means").perExample[1] near rows.map { it.average() }
                found.getValue("norms").perExample[1] near rows.map { row -> sqrt(row.sumOf { it * it }) }
                found.getValue("means").axes.map { it.name } shouldBe listOf("layer", "row", "column")
                val from = found.getValue("looks").pattern().flatMap { heads ->
                    heads.flatMap { it[before + 7].drop(before) }
                }
                found.getValue("asked").perExample[0] near from
            }
        }

        test("whether maps agree, by ranks counted by hand") {
            val found =
                run("vit") {
                    val seen = pictures()
                    val rolled by rollout(seen)
                    val each by attentionMaps(seen)
                    val agree by mapAgreement(rolled, each)
                    report { heatmap(agree) }
                }

            fun ranks(values: List<Double>) = values.map { value -> values.count { it < value }.toDouble() }
            val a = ranks(found.getValue("rolled").perExample[1].takeLast(9).map { it!! })
            val heads = found.getValue("each").perExample[1].takeLast(36).map { it!! }.chunked(9)
            val b = ranks(List(9) { patch -> heads.sumOf { it[patch] } })
            val spearman = 1 - 6 * a.zip(b).sumOf { (x, y) -> (x - y) * (x - y) } / (9 * 80)
            found.getValue("agree").perExample[1] near listOf(1.0, spearman, spearman, 1.0)
        }

        test("maps of other images, or one alone, cannot agree") {
            val wrong =
                declared(imageFolder("a.png", "b.png")) {
                    val vit = model<ImageClassifier>("tiny")
                    val rolled by rollout(images(vit) { image("a.png") })
                    val other by rollout(images(vit) { image("b.png") })
                    val alone by mapAgreement(rolled)
                    val apart by mapAgreement(rolled, other)
                    report { heatmap(apart) }
                }
            val e = shouldThrow<ScriptMistakes> { wrong.on(tinyFolder("vit", null)) { _, _ -> } }
            e.mistakes.map { it.message } shouldBe
                listOf(
                    "maps to compare must be 2 or more; found 1",
                    "the map other must be over images, as the first map is; found over images-2",
                )
        }

        test("of texts: entropy, shares, rollout from token to token") {
            val found =
                run("bert-masked") {
                    val lm = model<MaskedLm>("tiny")
                    val texts =
                        prompts(lm) {
                            pair("the cat sat", "it ran")
                            prompt("a dog")
                        }
                    val looks by attention(texts)
                    val spread by attentionMeasure(texts, entropy)
                    val first by attentionMeasure(texts, clsShare)
                    val ends by attentionMeasure(texts, separatorShare)
                    val rolled by rollout(texts)
                    val flow by attentionFlow(texts)
                    val unlike by attentionMeasure(texts, diversity)
                    report { heatmap(spread) }
                }
            val looks = found.getValue("looks")
            looks.axes[2].labels.size shouldBe 8
            val pattern = looks.pattern()
            val head = pattern[1][2]

            fun last(name: String) = found.getValue(name).perExample[0].last()!!
            last("spread") shouldBe (head.map { row -> -row.sumOf { it * ln(it) } }.average() plusOrMinus 1e-6)
            last("first") shouldBe (head.map { it[0] }.average() plusOrMinus 1e-6)
            last("ends") shouldBe (head.map { it[4] + it[7] }.average() plusOrMinus 1e-6)
            val rolled = found.getValue("rolled")
            rolled.shape shouldBe listOf(2, 8, 8)
            rolled.perExample[0].drop(64) near product(mixed(pattern[1]), mixed(pattern[0])).flatten()
            rolled.perExample[1][4] shouldBe null
            found.getValue("flow").perExample[0].drop(64) near product(fused(pattern[1]), fused(pattern[0])).flatten()
        }

        test("which heads look alike, and the maps behind it") {
            val found =
                run("timm-vit-avg-registers") {
                    val alike by specialisation(pictures(), clusters = 2)
                    report { heatmap(alike) }
                }
            found.keys.toList() shouldContainExactly listOf("alike", "alike.maps")
            val alike = found.getValue("alike")
            alike.shape shouldBe listOf(6, 6)
            alike.groups!!.distinct().size shouldBe 2
            alike.perExample.size shouldBe 2
            (0 until 6).forEach { alike.mean[it * 7]!! shouldBe (1.0 plusOrMinus 1e-9) }
            alike.mean[1]!! shouldBe (alike.mean[6]!! plusOrMinus 1e-12)
            alike.notes.single() shouldStartWith "Clusters of heads: "
            val maps = found.getValue("alike.maps")
            maps.axes[0] shouldBe alike.axes[0]
            maps.mean.map { it!! }.chunked(9).forEach { it.sum() shouldBe (1.0 plusOrMinus 1e-6) }
            maps.mean.size shouldBeInRange 54..54
        }
    })
