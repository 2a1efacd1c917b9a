package dev.kausal.dsl

import dev.kausal.dsl.bind.LeadingBlanks
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.spec.AnswerRole
import dev.kausal.spec.DropFact
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.missingBlankText
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe

class LeadingBlanksTest :
    FunSpec({
        fun expected(
            prompt: String,
            answer: String,
        ) = LeadingBlanks.expected(prompt, answer)

        test("between words, and after punctuation that closes") {
            expected("is in", "Moscow") shouldBe true
            expected("находится в", "Москве") shouldBe true
            expected("Q: where? A:", "Moscow") shouldBe true
            expected("in 1812", "Moscow") shouldBe true
        }
        test("not where one stands, and not before what continues a word, a number or a bracket") {
            expected("is in ", "Moscow") shouldBe false
            expected("is in", " Moscow") shouldBe false
            expected("is in", ".") shouldBe false
            expected("from 1732 to 17", "33") shouldBe false
            expected("2 + 2 =", "4") shouldBe false
            expected("he said \"", "Moscow") shouldBe false
            expected("(", "Moscow") shouldBe false
        }
        test("not in scripts without blanks between words") {
            expected("莫斯科位于", "俄罗斯") shouldBe false
            expected("モスクワは", "ロシア") shouldBe false
            expected("กรุงเทพ", "ไทย") shouldBe false
            expected("首都是", "Paris") shouldBe false
        }

        fun bound(
            clean: String,
            answer: String = "Moscow",
            facts: ModelFacts = facts(),
            filter: Filter? = null,
        ) = inTestFile {
            script {
                val set = contrasts { contrast(clean, answer, "In the [hall] of", " London") }
                val swept by sweep(if (filter == null) set else set.filter(filter), logitDifference) {
                    each(heads) { ablate(it) }
                }
                report { heatmap(swept) }
            }.bind(facts)
        }.spec.contrasts.last()

        test("an answer without its blank is bound with the token that has it") {
            val tokenizer = FakeTokenizer()
            val contrast = bound("In the [Kremlin] of", facts = facts(tokenizer = tokenizer)).contrasts.single()
            contrast.answer shouldBe TokenSpec("Moscow", tokenizer.id("Moscow"), tokenizer.id(" Moscow"))
            contrast.foil shouldBe TokenSpec(" London", tokenizer.id(" London"))
        }
        test("none is bound after a blank, with its blank, or if the tokenizer puts one there itself") {
            bound("In the [Kremlin] of ").contrasts.single().answer!!.spaced shouldBe null
            bound("In the [Kremlin] of", " Moscow").contrasts.single().answer!!.spaced shouldBe null
            val prefixing = facts(tokenizer = PrefixingTokenizer())
            bound("In the [Kremlin] of", facts = prefixing).contrasts.single().answer!!.spaced shouldBe null
        }

        fun contrastOf(
            clean: String,
            answer: String,
            vararg candidates: String,
        ) = inTestFile {
            script {
                val set = contrasts { contrast(clean, answer, candidates = candidates.toList()) }
                val swept by sweep(set, logit) { each(heads) { ablate(it) } }
                report { heatmap(swept) }
            }.bind(facts())
        }.spec

        test("a candidate without its blank has the tokens with it, and is named before the run") {
            val spec = contrastOf("In the [Kremlin] of", " Moscow", "Paris", " Minsk", "Oslo")
            val (paris, minsk, oslo) = spec.contrasts.single().contrasts.single().candidates
            paris.ids.size shouldBe 2
            paris.spaced!!.size shouldBe 1
            minsk.spaced shouldBe null
            oslo.spaced!!.single() shouldNotBe oslo.ids.single()
            missingBlankText(spec) shouldBe
                "1 contrast of contrasts: no leading blank in the candidates \"Paris\", \"Oslo\", although the " +
                "prompt does not end in one and the model has tokens with it, which are others."
            missingBlankText(contrastOf("In the [Kremlin] of", " Moscow", " Paris")) shouldBe null
        }
        test("a blank that both the prompt and the answer have is named before the run") {
            val spec = contrastOf("In the [Kremlin] of ", " Moscow")
            spec.contrasts.single().contrasts.single().answer!!.doubled shouldBe true
            missingBlankText(spec) shouldBe
                "1 contrast of contrasts: the prompt ends in a blank, and so begins the token of \" Moscow\": the " +
                "model reads two. Leave out the blank at the end of the prompt."
            missingBlankText(contrastOf("In the [Kremlin] of ", "Moscow")) shouldBe null
            missingBlankText(contrastOf("In the [Kremlin] of", " Moscow")) shouldBe null
        }
        test("a filter says of an answer of several tokens that it is one with its blank") {
            bound("In the [tower] of", "Paris", filter = knows()).unfit.single().fact shouldBe
                DropFact.Tokens(AnswerRole.Answer, "Paris", 2, true)
        }
    })
