package dev.kausal.dsl

import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.mistakes.ScriptMistakes
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** The messages of a script's mistakes as they are told. */
private fun told(
    facts: ModelFacts = facts(),
    words: ExperimentScope.(Model<CausalLm>) -> Unit,
): List<String> =
    inTestFile { shouldThrow<ScriptMistakes> { script(words).bind(facts) } }.told.map {
        it.mistake.line shouldNotBe null
        it.message
    }

class ToldMistakesTest :
    FunSpec({
        test("a mistake of every layer is told once, with the layers") {
            told { lm ->
                val set = contrasts { contrast("The [tower] is in", " Paris", foil = " Rome") }
                val a by sweep(set, logit) { each(layers) { ablate(lm.blocks[it].mlp.post.neuron(99)) } }
                report { bars(a) }
            } shouldBe listOf("no neuron 99 in layer 0: this model has 32 neurons, 0 to 31; the same in layers 1 to 3")
            told { lm ->
                val set = contrasts { contrast("The [tower] is in", " Paris", foil = " Rome") }
                val a by sweep(set, logit) { each(listOf(3, 4, 9)) { ablate(lm.blocks[it].mlpOut) } }
                report { bars(a) }
            } shouldBe listOf("no layer 4: this model has 4 layers, 0 to 3; the same in layer 9")
        }
        test("a mistake of every prompt is told once, with their number") {
            told { lm ->
                val set =
                    contrasts { for (word in listOf("hall", "tower", "house")) contrast("The [$word] is in", " Paris") }
                val a by sweep(set, logit) { each(layers) { ablate(lm.blocks[it].mlpOut).at(40) } }
                report { bars(a) }
            } shouldBe
                listOf(
                    "no position 40 in \"The hall is in\": this prompt has 4 tokens, 0 to 3; use a span or last if " +
                        "prompts differ in length; the same in 2 other prompts",
                )
        }
        test("different mistakes stay apart") {
            told { lm ->
                val set = contrasts { contrast("The [tower] is in", " Paris", foil = " Rome") }
                val a by sweep(set, logit) { each(listOf(8, 9)) { ablate(lm.blocks[1].mlp.post.neuron(it * 10)) } }
                report { bars(a) }
            }.size shouldBe 2
        }
        test("the loss of a prompt of one token") {
            val found =
                told { lm ->
                    val set = contrasts { contrast("The", " Paris", "In", " Rome") }
                    val a by sweep(set, loss) { each(layers) { ablate(lm.blocks[it].mlpOut) } }
                    val b by sweep(set, recovery(loss)) {
                        each(layers) { patch(from = clean, to = corrupted, it) }
                    }
                    report { bars(a) }
                }
            found shouldBe
                List(2) {
                    "loss needs a token after the first, but \"The\", \"In\" have only one; " +
                        "use prompts of two tokens or more"
                }
        }
        test("patterns of prompts of different lengths, at whichever position") {
            fun patched(place: Place?) =
                told { lm ->
                    val set = contrasts { contrast("The [tower] is in", " Paris", "The big [hall] is in", " Rome") }
                    val a by sweep(set, logitDifference) {
                        each(heads) { head ->
                            val whole =
                                patch(from = clean, to = corrupted, lm.blocks[head.layer].attn.pattern.head(head.index))
                            if (place == null) whole else whole.at(place)
                        }
                    }
                    report { heatmap(a) }
                }.single()
            for (place in listOf(null, last, subjectLast, further)) {
                patched(place) shouldBe
                    "a patch of attention needs equally many keys on both sides, but in \"tower\" the prompt has " +
                    "4 in the source run and 5 in the edited run; use prompts of one length"
            }
        }
        test("lengths are listed with the prompts that differ") {
            val text =
                told { lm ->
                    val set =
                        contrasts {
                            for (word in 'a'..'l') contrast("The [$word] is in", " Paris")
                            contrast("The big [m] is in", " Paris")
                        }
                    val a by sweep(set, logit) { each(positions) { ablate(lm.blocks[0].mlpOut).at(it) } }
                    report { bars(a) }
                }.single()
            text shouldContain "they have: \"m\" clean 5, \"a\" clean 4 (as 11 others);"
        }
        test("a place that a prompt lacks is not said to be lacked by the model") {
            val text =
                told { lm ->
                    val set = contrasts { contrast("The tower is in", " Paris", foil = " Rome") }
                    val a by sweep(set, logit) { each(spans) { ablate(lm.blocks[0].mlpOut).at(it) } }
                    report { bars(a) }
                }.single()
            text shouldContain "needs a marked subject, which \"The tower is in\" lacks"
            text shouldContain "the same for an intervention at subject-middle"
            text shouldNotContain "this model has no such position"
        }
    })
