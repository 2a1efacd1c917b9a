package dev.kausal.dsl

import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.TokenSpec
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class TokensTest :
    FunSpec({
        test("a token has its number once a model is known, and the spec keeps it") {
            lateinit var paris: Token
            val tokenizer = FakeTokenizer()
            val declared = script { paris = token(" Paris") }
            shouldThrow<ScriptMistakes> { paris.id }.message!! shouldContain "declared outside of functions"
            val spec = inTestFile { declared.bind(facts(tokenizer = tokenizer)) }.spec
            paris.id shouldBe tokenizer.id(" Paris")
            spec.tokens shouldBe listOf(TokenSpec(" Paris", paris.id))
        }
        test("an each block can read it too") {
            val declared =
                script { lm ->
                    val paris = token(" Paris")
                    val facts = contrasts { contrast("The tower is in", " Paris") }
                    val swept by sweep(facts, logit) { each(listOf(0), "n") { ablate(lm.blocks[paris.id % 1].mlpOut) } }
                    report { table(swept) }
                }
            declared.mistakes() shouldBe emptyList()
        }
        test("texts that are no token are mistakes, all at once, with their pieces and a better form") {
            val found =
                script {
                    token("Paris")
                    token(" Ville Lumière")
                    token("")
                }.mistakes()
            found.map { it.message } shouldBe
                listOf(
                    "the text of token(...) must be one token, but \"Paris\" is 2 tokens: \"Par\" + \"is\"; " +
                        "did you mean \" Paris\", with a leading blank?",
                    "the text of token(...) must be one token, but \" Ville Lumière\" is 2 tokens: \" Ville\" + " +
                        "\" Lumière\"; choose a one-token word",
                    "the text of token(...) must be one token, but \"\" is no token; choose a one-token word",
                )
            found.map { it.line!! - found[0].line!! } shouldBe listOf(0, 1, 2)
        }
        test("an image model's outputs are no tokens") {
            val declared =
                inTestFile {
                    experiment("test") {
                        model<ImageClassifier>("vit")
                        token(" Paris")
                    }
                }
            declared.mistakes(facts("vit")).single().message shouldContain
                "\" Paris\" is named as a token, but this ImageClassifier outputs no tokens"
        }
        test("a lens follows tokens, of prompts without answers too") {
            val tokenizer = FakeTokenizer()
            val declared =
                script {
                    val texts = prompts { prompt("The tower is in") }
                    val lens by logitLens(texts, tokens = listOf(" Paris", " Rome"))
                    report { heatmap(lens.ranks) }
                }
            val spec = inTestFile { declared.bind(facts(tokenizer = tokenizer)) }.spec
            (spec.analyses.single() as LogitLensSpec).tokens shouldBe
                listOf(" Paris", " Rome").map { TokenSpec(it, tokenizer.id(it)) }
            spec.figures.single().of shouldBe "lens.ranks"
        }
        test("mistakes in a lens' tokens") {
            fun of(tokens: List<String>) =
                script {
                    val texts = prompts { prompt("The tower is in") }
                    val lens by logitLens(texts, tokens = tokens)
                    report { table(lens) }
                }.mistakes().map { it.message }
            of(emptyList()) shouldBe listOf("tokens must be one token or more; found none")
            of(listOf(" Paris", "Rome", " Paris")) shouldBe
                listOf(
                    "the token that a lens follows must be one token, but \"Rome\" is 2 tokens: \"Ro\" + \"me\"; " +
                        "did you mean \" Rome\", with a leading blank?",
                    "tokens must be different tokens; found \" Paris\" twice",
                )
        }
    })
