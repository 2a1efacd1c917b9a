package dev.kausal.dsl

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly

/** Mistakes in texts that a model is to write. */
class TextMistakesTest :
    FunSpec({
        test("numbers that no text can have") {
            mistakes { set, _ ->
                val none by generate(set, tokens = 0)
                val cold by generate(set, tokens = 3, choice = sampled(temperature = 0.0, topP = 1.5, samples = 0))
                val nothing by generate(set, tokens = 3, over = emptyList<Int>()) { ablate(Head(0, it)) }
            } shouldContainExactly
                listOf(
                    "tokens must be 1 or more; found 0",
                    "samples must be 1 or more; found 0",
                    "topP must be above 0, at most 1; found 1.5",
                    "temperature must be above 0; or likeliest; found 0.0",
                    "the axis \"over\" has no values; add at least one",
                )
        }

        test("texts longer than the context") {
            mistakes { set, _ ->
                val long by generate(set, tokens = 21)
                val longer by generate(set, tokens = 24)
            } shouldContainExactly
                listOf(
                    "the prompt of \"cat\" has 4 tokens, and 21 more exceed the model's context of 24; write at " +
                        "most 20, " +
                        "or shorten the prompt",
                    "the prompt of \"cat\" (and 1 other prompt) has 4 tokens, and 24 more exceed the model's " +
                        "context of " +
                        "24; write at most 20, or shorten the prompt",
                )
        }

        test("edits that have no value at new positions") {
            mistakes { _, lm ->
                val set = contrasts {
                    contrast("the [cat] sat", " there", "the [dog] sat", " here")
                    contrast("the [bird] sat", " here", "the [fish] sat", " there")
                }
                val patched by generate(set, tokens = 3, during = During.Answer) { patch(corrupted, clean, 0) }
                val frozen by generate(set, tokens = 3) { freeze(lm.blocks[1].mlpOut) + ablate(Head(0, 0)) }
                val meant by generate(set, tokens = 3) { ablate(Head(0, 0), with = positionMean) }
                val drawn by generate(set, tokens = 3) { ablate(Head(0, 0), with = resample) }
                val placed by generate(set, tokens = 3) { hook(lm.blocks[0].mlpOut) { x, at -> x.mul(at.draw) } }
                val pattern by generate(set, tokens = 3) { ablate(lm.blocks[0].attn.pattern) }
                val fine by generate(set, tokens = 3) { patch(corrupted, clean, 0).at(last) }
                val asWell by generate(set, tokens = 3, during = During.Prompt) { patch(corrupted, clean, 0) }
            } shouldContainExactly
                listOf("a patch", "freeze", "positionMean", "resample").map {
                    "$it has values for the prompt's positions alone, but this edit also acts on the answer; give " +
                        "during = " +
                        "During.Prompt, or name positions with .at(...)"
                } +
                listOf(
                    "the function at blocks.0.hook_mlp_out asks for the positions that it edits, which are not " +
                        "known while " +
                        "text is written; take the activation alone, give during = During.Prompt, or name positions " +
                        "with .at(...)",
                    "blocks.0.attn.hook_pattern cannot be edited while text is written: attention has one more " +
                        "key at every " +
                        "token; edit q, k, v or z",
                )
        }

        test("two runs, and scores without answers") {
            mistakes { set, _ ->
                val two by generate(set, tokens = 3, over = listOf(clean, corrupted)) { ablate(Head(0, 0)).on(it) }
                val texts = prompts { prompt("the cat") }
                val right by generate(texts, tokens = 3, score = containsAnswer)
            } shouldContainExactly
                listOf(
                    "an intervention edits one run, but this one names clean and corrupted; use the same run in " +
                        "all of its " +
                        "parts",
                    "texts with the answer needs an answer, which \"the cat\" lacks; set answer = ... of a " +
                        "contrast, or label = " +
                        "... of an image",
                )
        }
    })

private fun mistakes(words: ExperimentScope.(Contrasts<CausalLm>, Model<CausalLm>) -> Unit): List<String> =
    script { lm ->
        val set = contrasts {
            contrast("the [cat] sat down", " there", "the [dog] sat down", " here")
            contrast("the [bird]", " sat", "the [fish]", " swam")
        }
        words(set, lm)
    }.mistakes().map { it.message }
