package dev.kausal.dsl

import dev.kausal.engine.tokens.ChatTemplate
import dev.kausal.spec.ChatMessage
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.PositionRange
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** Prompts that a model's chat template writes. */
class ChatPromptTest :
    FunSpec({
        val lines = ChatTemplate(LINES, mapOf("bos_token" to "<s>"))

        fun bound(words: ContrastsScope.() -> Unit): List<ContrastSpec> =
            inTestFile {
                script {
                    val set = contrasts { words() }
                    val texts by generate(set, tokens = 2)
                }.bind(facts(chat = lines)).spec.contrasts.single().contrasts
            }

        test("the prompt is the template's text, whose subject is that of the turn") {
            val one = bound {
                contrast(
                    clean = chat {
                        user("the [cat b] sat")
                        answerBegins(" it is")
                    },
                    answer = " in",
                    corrupted = chat {
                        system("hm")
                        user("the [dog c] sat")
                        assistant("no")
                        user("so ?")
                    },
                    foil = " out",
                    template = "asked",
                )
            }.single()
            one.clean.text shouldBe "<s> user the cat b sat assistant it is"
            one.clean.tokens shouldBe listOf("<s>", " user", " the", " cat", " b", " sat", " assistant", " it", " is")
            one.clean.subject shouldBe PositionRange(3, 4)
            one.label shouldBe "cat b"
            one.groups shouldBe mapOf(Grouping.Template to "asked")
            one.clean.chat!!.messages shouldBe listOf(ChatMessage("user", "the cat b sat"))
            one.clean.chat!!.begun shouldBe " it is"
            one.clean.chat!!.template.length shouldBe 64
            one.corrupted!!.text shouldBe "<s> system hm user the dog c sat assistant no user so ? assistant"
            one.corrupted!!.subject shouldBe PositionRange(5, 6)
        }

        test("without a generation prompt and with variables") {
            val one = bound {
                contrast(chat(addGenerationPrompt = false, variables = mapOf("name" to "bot")) { user("a b") }, " c")
            }.single()
            one.clean.text shouldBe "<s> user a b bot"
            one.label shouldBe "a b"
            one.clean.chat!!.variables shouldBe mapOf("name" to "bot")
        }

        fun mistakes(
            template: String?,
            chat: Chat,
        ): List<String> =
            script {
                val set = contrasts { contrast(chat, " c") }
                val texts by generate(set, tokens = 2)
            }.mistakes(facts(chat = template?.let { ChatTemplate(it, emptyMap()) })).map { it.message }

        test("mistakes") {
            val asked = chat { user("a [b] c") }
            mistakes(null, asked) shouldContainExactly
                listOf(
                    "chat needs the model's chat template, but embedded:facts has none in its tokenizer files; " +
                        "write the " +
                        "prompt with its markers as text, or use a model that was trained on dialogues",
                )
            mistakes(LINES, chat { }) shouldContainExactly
                listOf("a chat needs a turn, but this one has none; add user(...)")
            mistakes("{{ raise_exception('no ' + messages[0].role) }}", asked) shouldContainExactly
                listOf("the model's chat template refuses \"a [b] c\": no user; change the turns")
            mistakes("{{ messages | unheard }}", asked) shouldContainExactly
                listOf(
                    "the model's chat template cannot be rendered for \"a [b] c\": there is no filter 'unheard' " +
                        "for chat " +
                        "templates; write the prompt with its markers as text",
                )
            mistakes("{% for i in range(9999999) %}{% endfor %}", asked) shouldContainExactly
                listOf(
                    "the model's chat template was stopped on \"a [b] c\": a range has 9999999 numbers; write " +
                        "the prompt " +
                        "with its markers as text",
                )
            mistakes("{{ messages[0].content | replace('a b', 'a') }}", asked) shouldContainExactly
                listOf(
                    "the model's chat template changes the subject of \"a [b] c\" or its surroundings, so its " +
                        "tokens are " +
                        "unknown; move the brackets, or leave them out",
                )
            mistakes(LINES, chat { user("a [b c") }).size shouldBe 1
            mistakes(
                LINES,
                chat {
                    user("a [b]")
                    user("[c]")
                },
            ).size shouldBe 1
            mistakes(LINES, chat(variables = mapOf("x" to listOf(1))) { user("a") }) shouldContainExactly
                listOf("the variable x must be a text, a number or a Boolean; found [1]")
        }
    })

private const val LINES =
    "{{ bos_token }}{% for m in messages %}{{ ' ' ~ m.role ~ ' ' ~ m.content }}{% endfor %}" +
        "{% if add_generation_prompt %} assistant{% endif %}{% if name is defined %} {{ name }}{% endif %}"
