package dev.kausal.dsl

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.SweepSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain

/** Twenty words, of which every fifth is special, and of which one number has none. */
private class MarkedTokenizer(
    private val inner: FakeTokenizer = FakeTokenizer(),
) : Tokenizer by inner {
    init {
        repeat(SIZE) { inner.id(" w$it") }
    }

    override fun special(id: Int): Boolean = id % 5 == 0

    override fun has(id: Int): Boolean = id in 0 until SIZE && id != 7

    override fun named(id: Int): String = if (has(id)) text(id) else "#$id"

    override fun vocabularySize(): Int = SIZE

    private companion object {
        const val SIZE = 20
    }
}

private fun bound(
    seed: Long = 0,
    words: ExperimentScope.(Model<CausalLm>) -> Unit,
): BoundExperiment =
    inTestFile {
        script {
            seed(seed)
            words(it)
        }.bind(facts(tokenizer = MarkedTokenizer()))
    }

private fun drawn(
    seed: Long = 0,
    prompts: PromptsScope.() -> Unit,
): List<List<Int>> =
    bound(seed) {
        val texts = prompts(prompts)
        val looks by attention(texts)
    }.spec.contrasts.single().contrasts.map { it.clean.ids }

private fun mistakes(prompts: PromptsScope.() -> Unit): List<String> =
    script {
        val texts = prompts(prompts)
        val looks by attention(texts)
    }.mistakes(facts(tokenizer = MarkedTokenizer())).map { it.message }

class RandomTokensTest :
    FunSpec({
        test("copies of different tokens, none of them special, the same for the same seed") {
            val found = drawn { randomTokens(5, repeats = 3, count = 20) }
            found.size shouldBe 20
            for (ids in found) {
                ids.chunked(5) shouldBe List(3) { ids.take(5) }
                ids.take(5).distinct().size shouldBe 5
                ids.none { it % 5 == 0 || it == 7 } shouldBe true
            }
            found.flatten().toSet() shouldBe (0 until 20).filter { it % 5 != 0 && it != 7 }.toSet()
            drawn { randomTokens(5, repeats = 3, count = 20) } shouldBe found
            drawn { randomTokens(5, repeats = 3, count = 2) } shouldBe found.take(2)
            drawn(seed = 1) { randomTokens(5, repeats = 3, count = 20) } shouldNotBe found
            drawn(seed = 1) { randomTokens(5, repeats = 3, count = 20, seed = 0) } shouldBe found
        }
        test("two draws of one set differ") {
            val found =
                drawn {
                    randomTokens(5, count = 1)
                    randomTokens(5, count = 1)
                }
            found[0] shouldNotBe found[1]
        }
        test("places of the copies, and a prefix before them") {
            val spec =
                bound { lm ->
                    val asked = contrasts { randomTokens(4, count = 1, prefix = " w1 w1") }
                    val swept by sweep(asked, logitDifference) {
                        each(listOf(firstCopy, lastCopy, repeatStart), "place") { patch(clean, corrupted, 1).at(it) }
                    }
                }.spec
            val contrast = spec.contrasts.single().contrasts.single()
            contrast.clean.ids.take(2) shouldBe listOf(1, 1)
            contrast.clean.ids.size shouldBe 9
            contrast.answer!!.id shouldBe contrast.clean.ids[5]
            contrast.foil!!.id shouldBe contrast.corrupted!!.ids[5]
            contrast.clean.spans shouldBe
                mapOf(
                    "first-copy" to PositionRange(2, 5),
                    "last-copy" to PositionRange(6, 8),
                    "repeat-start" to PositionRange(6, 6),
                )
            (spec.analyses.single() as SweepSpec).cells.map { it.edits.single().at } shouldContainExactly
                listOf("first-copy", "last-copy", "repeat-start").map { PlaceSpec.Span(it) }
        }
        test("no token of the prefix is drawn") {
            val found = drawn { randomTokens(5, count = 40, prefix = " w1") }
            found.all { it.first() == 1 && 1 !in it.drop(1) } shouldBe true
        }
        test("what cannot be drawn, all at once") {
            mistakes {
                randomTokens(0)
                randomTokens(15)
                randomTokens(5, repeats = 0)
                randomTokens(5, count = 0)
                randomTokens(9, repeats = 3)
            } shouldBe
                listOf(
                    "length must be 1 to 14: the tokens of a prompt differ, and special ones are not drawn; found 0",
                    "length must be 1 to 14: the tokens of a prompt differ, and special ones are not drawn; found 15",
                    "repeats must be 1 or more; found 0",
                    "count must be 1 or more; found 0",
                    "each prompt must be at most 24 tokens, the model's context; found 27 tokens, prefix included",
                )
        }
        test("prompts of ids, with a subject") {
            val spec =
                bound {
                    val texts =
                        prompts {
                            prompt(tokenIds(3, 7, 19), label = "three")
                            prompt(tokenIds(listOf(1, 2, 3), subject = 1..2))
                        }
                    val looks by attention(texts)
                }.spec.contrasts.single().contrasts
            spec[0].label shouldBe "three"
            spec[0].clean.ids shouldBe listOf(3, 7, 19)
            spec[0].clean.tokens shouldBe listOf(" w3", "#7", " w19")
            spec[1].clean.subject shouldBe PositionRange(1, 2)
            spec.all { it.clean.byIds } shouldBe true
        }
        test("mistakes in ids") {
            val found =
                mistakes {
                    prompt(tokenIds())
                    prompt(tokenIds(1, 1000))
                    prompt(tokenIds(-1))
                    prompt(tokenIds(listOf(1, 2), subject = 1..2))
                    prompt(tokenIds(List(25) { 1 }))
                }
            found[0] shouldBe "the clean prompt is empty; write at least one token"
            found[1] shouldContain
                "of \"tokenIds(1, 1000)\" has id 1000, but this model has only tokens 0 to 999"
            found[2] shouldContain "has id -1"
            found[3] shouldContain "no position 2 in \"tokenIds(1, 2)\""
            found[4] shouldContain "has 25 tokens, but this model's context is 24"
            found.size shouldBe 5
        }
        test("scores of repeats need one") {
            val declared =
                script {
                    val texts = prompts { prompt("The tower is in") }
                    val induction by attentionMeasure(texts, inductionScore)
                    val previous by attentionMeasure(texts, previousTokenScore)
                    val once = prompts { prompt("The") }
                    val alone by attentionMeasure(once, previousTokenScore)
                }
            declared.mistakes().map { it.message } shouldBe
                listOf(
                    "the prompts of induction must be texts in which a token occurs again, such as " +
                        "randomTokens(length = 20); found none",
                    "the prompts of alone must be of two tokens or more; found none",
                )
        }
        test("a place of copies that a text has not") {
            val declared =
                script { lm ->
                    val set = contrasts { contrast("The tower is in", " Paris") }
                    val swept by sweep(set, logit) {
                        each(listOf(0), "n") { ablate(lm.blocks[0].mlpOut).at(repeatStart) }
                    }
                }
            declared.mistakes().single().message shouldContain
                "has no repeat-start: only prompts of randomTokens(...) have copies"
        }
    })
