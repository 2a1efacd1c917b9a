package dev.kausal.reports

import dev.kausal.reports.figure.TextsView
import dev.kausal.reports.figure.draw
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.GenerationStory
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.During
import dev.kausal.spec.EditSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.GeneratedText
import dev.kausal.spec.GenerationSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.Stopped
import dev.kausal.spec.TextScore
import dev.kausal.spec.TokenChoiceSpec
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** Sentences and figures on written texts. */
class GenerationStoryTest :
    FunSpec({
        test("which texts differ, and how many end") {
            val same = text(" Paris. It is", Stopped.Length)
            val other = text(" Rome.\nIt <is> old", Stopped.EndToken)
            val grid = grid(listOf(listOf(same, other), listOf(same, same)))
            GenerationStory.findings(grid) shouldContainExactly
                listOf("Texts that differ from the unedited ones: 1 of 2 (edited).", CUT)
            GenerationStory.findings(grid(listOf(listOf(same, same)))) shouldContainExactly
                listOf("No edited text differs from the unedited one.", CUT)
            GenerationStory.findings(grid(listOf(listOf(other), listOf(same)))) shouldContainExactly
                listOf("1 of 2 unedited texts end by themselves; the others are cut.")
            GenerationStory.findings(grid(listOf(listOf(other)))) shouldContainExactly
                listOf("All unedited texts end by themselves.")
            GenerationStory.findings(grid(listOf(listOf(same)))) shouldContainExactly listOf(CUT)
        }

        test("many variants by the least and the most, and shares of right texts") {
            val same = text(" Paris.", Stopped.Length)
            val other = text(" Rome.", Stopped.Length)
            val rows = listOf(listOf(same, same, other, other, other), listOf(same, same, same, other, other))
            val grid = grid(rows, TextScore.ContainsAnswer)
            GenerationStory.findings(grid) shouldContainExactly
                listOf(
                    "Share of texts with the answer at least and at most: unedited 100 %; edit 3 0 %.",
                    "Of 2 texts, 0 (edit 1) to 2 (edit 3) differ from the unedited ones.",
                    CUT,
                )
        }

        test("the method says how tokens are chosen, where edits act, and what a number is") {
            GenerationStory.method(spec(2, null)) shouldBe
                "The prompts of the clean run are continued by at most 5 tokens, always by the likeliest token " +
                "(greedy " +
                "decoding). A text ends at \u201c<end>\u201d. Besides the unedited text, 1 variant with edits " +
                "(spec.json " +
                "lists the sites): activations are set to zero at the prompt's last position and all positions " +
                "after it. " +
                "The number of a text is the mean log probability of its tokens in nats, by the model with the " +
                "variant's " +
                "edits, at temperature 1."
            val choice = TokenChoiceSpec.Sampled(0.8, 0.9, 3, 4)
            val drawn = spec(1, TextScore.IsAnswer).copy(choice = choice, ends = emptyList())
            GenerationStory.method(drawn) shouldBe
                "The prompts of the clean run are continued by at most 5 tokens, by tokens drawn at temperature " +
                "0.800 among " +
                "the likeliest tokens of total probability 0.900 (seed 4, the same random numbers in all " +
                "variants), 3 texts " +
                "each. The model's files name no end token. The number of a text is 1 if it is right and 0 " +
                "otherwise, mean " +
                "over the texts of a prompt (texts equal to the answer)."
        }

        test("the figure shows every text as text, and underlines what an edit changes") {
            val same = text(" Paris. It is", Stopped.Length)
            val other = text(" Paris <b>\nor</b> Rome", Stopped.EndToken)
            val grid = grid(listOf(listOf(same, other), listOf(same, same)))
            TextsView.fits(grid) shouldBe true
            val page = draw(FigureKind.Texts, grid, "f1", "texts").content.toString()
            page shouldContain " Paris<mark> &lt;b&gt;\nor&lt;/b&gt; Rome</mark>"
            page shouldContain "3 tokens, with the end token"
            page shouldContain "3 tokens, cut; as unedited"
            page shouldContain "Prompt: </small>The capital of the Eiffel Tower&#39;s the is"
            page shouldNotContain "<b>"
        }
    })

private const val CUT = "No unedited text ends by itself; all are cut."

private fun text(
    words: String,
    stopped: Stopped,
) = GeneratedText(words, listOf(words.length, 2, 3), listOf(-0.5, -0.25, -0.25), stopped)

private fun spec(
    variants: Int,
    score: TextScore?,
): GenerationSpec {
    val edit = EditSpec("blocks.1.attn.hook_z", PartSpec.Head(1), value = ValueSpec.Zero)
    val edits = if (variants == 2) listOf("edited") else List(variants - 1) { "edit ${it + 1}" }
    return GenerationSpec(
        name = "texts",
        contrasts = "landmarks",
        line = 1,
        tokens = 5,
        ends = listOf(TokenSpec("<end>", 2)),
        choice = TokenChoiceSpec.Greedy,
        during = During.Answer,
        axes = listOf(AxisSpec("variant", listOf("unedited") + edits)),
        cells = List(variants) { CellSpec(RunSpec.Clean, if (it == 0) emptyList() else listOf(edit)) },
        score = score,
    )
}

private fun grid(
    texts: List<List<GeneratedText>>,
    score: TextScore? = null,
): ResultGrid {
    val analysis = spec(texts.first().size, score)
    val rows = texts.map { row -> row.map { if (it.text == " Paris.") 1.0 else 0.0 } }
    val result =
        Fixtures.ablation(texts.size).copy(
            name = "texts",
            kind = ResultKind.Generation,
            metric = "texts",
            axes = analysis.axes,
            shape = listOf(analysis.cells.size),
            perExample = rows,
            mean = rows.first().indices.map { cell -> rows.map { it[cell] }.average() },
            baseline = emptyMap(),
            change = null,
            rounding = null,
            texts = texts.map { row -> row.map { listOf(it) } },
        )
    return ResultGrid(result, Fixtures.spec(texts.size, Fixtures.tokens).copy(analyses = listOf(analysis)))
}
