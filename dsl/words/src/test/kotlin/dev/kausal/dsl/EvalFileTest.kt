package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.tokens.ChatTemplate
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.writeText

/** Published evaluation files as contrasts, by lines of our own in their formats. */
class EvalFileTest :
    FunSpec({
        val folder = tempdir().toPath()
        val template =
            ChatTemplate("{% for m in messages %}{{ m.role ~ ' : ' ~ m.content ~ ' ' }}{% endfor %}", emptyMap())

        fun declared(words: ContrastsScope.() -> Unit) =
            ScriptContext.use(ScriptContext(folder, "s.kausal.kts", ScriptContext.settings(emptyList()))) {
                script {
                    val set = contrasts { words() }
                    val likely by sweep(set, logLikelihoodDifference) { each(heads) { ablate(it) } }
                }
            }

        fun bound(words: ContrastsScope.() -> Unit): List<ContrastSpec> =
            inTestFile { declared(words).bind(facts(chat = template)).spec.contrasts.single().contrasts }

        test("model-written evaluations, with one answer or several") {
            folder.write(
                "evals.jsonl",
                """{"question": "I am [Bob]. Is it 1? (A) Yes (B) No", "answer_matching_behavior": " ( A", "answer_not_matching_behavior": " ( B"}""",
                "",
                """{"question": "Next?", "answer_matching_behavior": [" a", " b c"], "answer_not_matching_behavior": [" d"]}""",
            )
            val (first, second) = bound { fromEvals("evals.jsonl", "bio") { "$question Best :" } }
            first.clean.text shouldBe "I am [Bob]. Is it 1? (A) Yes (B) No Best :"
            first.clean.subject shouldBe null
            first.answers.map { it.text } shouldBe listOf(" ( B")
            first.foils.map { it.text to it.ids.size } shouldBe listOf(" ( A" to 2)
            first.groups shouldBe mapOf(Grouping.Template to "bio")
            second.foils.map { it.text } shouldBe listOf(" a", " b c")
            second.label shouldBe "Next?"
            val (dialogue) = bound { fromEvals("evals.jsonl") { chat { user(question) } } }
            dialogue.clean.text shouldBe "user : I am [Bob]. Is it 1? (A) Yes (B) No "
        }

        test("SycophancyEval's dialogues, with and without the user's words") {
            folder.write(
                "answer.jsonl",
                """{"prompt": [{"type": "human", "content": "I think it is Rome . Where ?"}], "base": {"question": "Where ?", "correct_answer": "Oslo", "incorrect_answer": "Rome x"}, "metadata": {"prompt_template": "I think {question}"}}""",
            )
            val one = bound { fromSycophancyEval("answer.jsonl", before = " ") }.single()
            one.clean.text shouldBe "user : Where ? "
            one.corrupted!!.text shouldBe "user : I think it is Rome . Where ? "
            one.answers.map { it.text } shouldBe listOf(" Oslo")
            one.foils.map { it.text } shouldBe listOf(" Rome x")
            one.groups shouldBe mapOf(Grouping.Template to "I think {question}", Grouping.Subject to "Where ?")
            val doubt = bound {
                fromSycophancyEval(
                    "answer.jsonl",
                    clean = {
                        chat {
                            user(question)
                            assistant(answer)
                        }
                    },
                    corrupted = {
                        dialogue {
                            assistant(foil)
                            user("Sure ?")
                        }
                    },
                    before = " ",
                )
            }.single()
            doubt.corrupted!!.text shouldBe "user : I think it is Rome . Where ? assistant : Rome x user : Sure ? "
        }

        test("lines of other files") {
            folder.write(
                "bad.jsonl",
                "{\"question\": \"a\", \"answer_matching_behavior\": 3}",
                "[]",
                "{\"question\": 1}",
                "{",
            )
            val found = declared {
                fromEvals("bad.jsonl") { question }
            }.mistakes(facts()).filterIsInstance<Mistake.FileMalformed>()
            found.map { it.detail }.take(3) shouldContainExactly
                listOf(
                    "line 1 has no text, or list of texts, \"answer_matching_behavior\"",
                    "line 2 is no object",
                    "line 3 has no text \"question\"",
                )
            found.size shouldBe 4
            val other = declared {
                fromSycophancyEval("bad.jsonl")
            }.mistakes(facts()).filterIsInstance<Mistake.FileMalformed>()
            other.first().detail shouldBe "line 1 has no \"prompt\" of turns, each with \"type\" and \"content\""
            declared { fromEvals("none.jsonl") { question } }.mistakes(facts()).first()::class shouldBe
                Mistake.FileMissing::class
        }
    })

private fun Path.write(
    name: String,
    vararg lines: String,
) = resolve(name).writeText(lines.joinToString("\n"))
