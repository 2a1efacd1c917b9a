package dev.kausal.spec

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

/** When a text counts as right. */
class TextScoreTest :
    FunSpec({
        fun check(
            score: TextScore,
            answer: String,
            right: List<String>,
            wrong: List<String>,
        ) {
            for (text in right) withClue("'$text' has $answer") { score.of(text, listOf("no", answer)) shouldBe true }
            for (text in wrong) withClue("'$text' lacks $answer") { score.of(text, listOf(answer)) shouldBe false }
        }

        test("contains the answer as whole words") {
            check(
                TextScore.ContainsAnswer,
                " New York",
                listOf("in New York.", "NEW YORK", "I think (New York)", "x\nnew york"),
                listOf("in York", "New Yorkers", "", "aNew York"),
            )
            check(TextScore.ContainsAnswer, "C++", listOf("in C++, too"), listOf("in C"))
        }

        test("is the answer") {
            check(
                TextScore.IsAnswer,
                " Paris",
                listOf("Paris", " paris.\n\nThe", "\n Paris\n"),
                listOf("Paris is", "", "the Paris"),
            )
        }

        test("gives the letter of the answer") {
            check(
                TextScore.AnswerLetter,
                " (B)",
                listOf(" (B) is", "B. because A.", "The answer is B", "B\nA", "I say (B)"),
                listOf("(A) not (B)", "Because", "A. B.", "", "b)", "B is"),
            )
        }

        test("no answers, no right text") {
            TextScore.entries.forEach { it.of("A", emptyList()) shouldBe false }
        }
    })
