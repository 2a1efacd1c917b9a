package dev.kausal.reports

import dev.kausal.reports.figure.byText
import dev.kausal.reports.figure.draw
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.findings
import dev.kausal.reports.words.at
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

class TextAttentionTest : FunSpec({
    fun prompt(vararg tokens: String) = PromptSpec(tokens.joinToString(" "), tokens.indices.toList(), tokens.toList())

    /** One layer of one head, in which every token looks at the one after it, the last at the first. */
    fun grid(
        prompts: List<PromptSpec>,
        kind: ResultKind,
    ): ResultGrid {
        val longest = prompts.maxOf { it.length }
        val rows =
            prompts.map { prompt ->
                List(longest * longest) { cell ->
                    val (query, key) = cell / longest to cell % longest
                    val next = key == (query + 1) % prompt.length
                    if (maxOf(query, key) >= prompt.length) {
                        null
                    } else if (next) {
                        0.9
                    } else {
                        0.1
                    }
                }
            }
        val tokens = List(longest) { at -> prompts.map { it.tokens.getOrNull(at) }.distinct().singleOrNull() ?: "$at" }
        val heads = if (kind == ResultKind.Attention) listOf(AxisSpec("head", listOf("0"))) else emptyList()
        val axes = listOf(AxisSpec("layer", listOf("0"))) + heads + AxisSpec("query", tokens) + AxisSpec("key", tokens)
        val mean = rows.first().indices.map { at -> rows.mapNotNull { it[at] }.average() }
        val examples = prompts.map { it.text }
        val result = Result("looks", kind, "pattern", axes, examples, axes.map { it.labels.size }, rows, mean = mean)
        val base = Fixtures.spec(1, listOf("a"))
        val analysis = base.analyses.first { it.name == "looks" }
        val set = ContrastSetSpec(analysis.contrasts, prompts.map { ContrastSpec(it.text, it) })
        return ResultGrid(result, base.copy(contrasts = listOf(set)))
    }

    val cat = prompt("the", "cat", "sat")
    val bird = prompt("birds", "sing")

    test("texts that differ stand one by one, each with its own tokens and no other's positions") {
        for (kind in listOf(ResultKind.Attention, ResultKind.Rollout)) {
            val drawing = draw(FigureKind.Heatmap, grid(listOf(cat, bird), kind), "f", "")
            drawing.html shouldContain "<strong>the cat sat</strong>"
            drawing.html shouldContain "<strong>birds sing</strong>"
            listOf("cat", "sat", "birds", "sing").forEach { drawing.html shouldContain ">$it</text>" }
            drawing.html shouldNotContain ">1</text>"
            drawing.reading shouldContain "One drawing per text"
        }
    }

    test("the finding is of the first text, by its words") {
        findings(grid(listOf(cat, bird), ResultKind.Attention)).single() shouldBe
            "In \u201cthe cat sat\u201d: largest attention weight (first token and diagonal excluded): 0.900, layer " +
            "0, head 0, from position 0 (the) to position 1 (cat)."
        findings(grid(listOf(cat, bird), ResultKind.Rollout)).single() shouldContain
            "layer 0, mean over heads, from position"
    }

    test("texts of one template are averaged, and so is one text") {
        val dog = prompt("the", "dog", "sat")
        byText(grid(listOf(cat, dog), ResultKind.Attention)).size shouldBe 1
        draw(FigureKind.Attention, grid(listOf(cat, dog), ResultKind.Attention), "f", "").html shouldContain ">1</text>"
        byText(grid(listOf(cat), ResultKind.Attention)).size shouldBe 1
    }

    test("many texts are left to the bundle") {
        val ten = (1..10).map { prompt("w$it", "v$it") }
        draw(FigureKind.Attention, grid(ten, ResultKind.Attention), "f", "").html shouldContain
            "2 more texts in results.json."
    }
})
