package dev.kausal.experiments.training

import dev.kausal.engine.tokens.Tokenizers
import dev.kausal.experiments.facts.FactTable
import dev.kausal.experiments.facts.Relation
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import kotlin.io.path.writeText

class FactTokenizerTest :
    FunSpec({
        val learnt = FactTokenizer()
        val folder = tempdir().toPath().also { it.resolve("tokenizer.json").writeText("${learnt.json()}") }
        val tokenizer = Tokenizers.open(folder)
        afterSpec { tokenizer.close() }

        fun count(text: String) = tokenizer.encode(text).length()

        test("every answer is one token, as its own word and at the start of a text") {
            tokenizer.vocabularySize() shouldBeInRange 2000..4200
            FactTable.builtIn.facts.forEach { withClue(it) { count(" ${it.answer}") shouldBe 1 } }
        }

        test("nearly all landmarks have three tokens, so that prompts line up") {
            val landmarks = FactTable.builtIn.of(Relation.LandmarkCity).map { it.subject }
            landmarks.count { count(" $it") == 3 } shouldBeGreaterThan 200
            for (landmark in listOf("Eiffel Tower", "Colosseum", "Parthenon", "Hagia Sophia", "Brandenburg Gate")) {
                withClue(landmark) { count("The $landmark is located in the city of") shouldBe 10 }
            }
        }

        test("any text comes back as it was") {
            for (text in listOf("I think it's 42.\n\tÜber 日本 🙂", "The Eiffel Tower", "")) {
                tokenizer.decode(*tokenizer.encode(text).ids()) shouldBe text
            }
        }

        test("merges apply in the order in which they were learnt") {
            val pairs = BytePairs()
            pairs.learn(mapOf("abab" to 3, "abc" to 2), most = 1)
            pairs.pieces("abab") shouldBe listOf("ab", "ab")
            pairs.shorten("abab", 1)
            pairs.pieces("abab") shouldBe listOf("abab")
            pairs.pieces("abc") shouldBe listOf("ab", "c")
            pairs.merges shouldBe listOf("a" to "b", "ab" to "ab")
        }
    })
