package dev.kausal.experiments.guide

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import kotlin.io.path.name

/** No word of the DSL is missing from the guide: neither from its examples nor from what it says about each. */
class GuideWordsTest :
    FunSpec({
        val pages = Guide.pages.map(::MarkdownPage)
        val code = pages.flatMap {
            it.blocks
        }.filter { it.language == "kotlin" }.joinToString("\n") { stripped(it.text) }
        val written = pages.filter { it.path.parent.name == "words" }.flatMap { it.prose }.joinToString("\n")
        val named = Regex("`[^`]+`").findAll(written).flatMap { words(it.value) }.toSet()

        test("the words are found") {
            ScriptWords.members.keys shouldContainAll
                listOf(
                    "experiment",
                    "contrast",
                    "filter",
                    "spans",
                    "logitDifference",
                    "head",
                    "neuron",
                    "plus",
                    "noise",
                )
            ScriptWords.kinds shouldContainAll listOf("CausalLm", "Gpt2", "Encoder")
        }

        test("every word stands in an example, which runs") {
            val used = words(code).toSet()
            val missing = ScriptWords.members.filterKeys { it !in used && !isOperator(it, code) }
            withClue("missing from the code of docs/guide: $missing") { missing.keys.shouldBeEmpty() }
        }

        test("every word is said, in docs/guide/words, what it means") {
            val missing = ScriptWords.members.filterKeys { it !in named && !isOperator(it, written) }.keys
            withClue("missing from docs/guide/words: $missing") { missing.shouldBeEmpty() }
            val kinds = ScriptWords.kinds.filter { it !in named }
            withClue("kinds of models missing from docs/guide/words: $kinds") { kinds.shouldBeEmpty() }
        }
    })

private val name = Regex("[A-Za-z_][A-Za-z0-9_]*")

private fun words(text: String): Sequence<String> = name.findAll(text).map { it.value }

private val text = Regex("\"(\\\\.|[^\"\\\\])*\"")
private val template = Regex("\\$\\{([^}]*)}")
private val comment = Regex("//[^\n]*")

/** Code without its comments and texts, but with what texts compute. */
private fun stripped(code: String): String =
    code
        .replace(text) { found -> template.findAll(found.value).joinToString(" ") { it.groupValues[1] } }
        .replace(comment, "")

private val operators =
    mapOf("plus" to "+", "minus" to "-", "times" to "*", "unaryMinus" to "-", "get" to "[")

private fun isOperator(word: String, text: String): Boolean = operators[word]?.let { it in text } == true
