package dev.kausal.dsl

import dev.kausal.dsl.bind.ContrastFile
import dev.kausal.dsl.bind.sampled
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.Grouping
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files

private fun read(json: String): Pair<List<DeclaredContrast>, List<String>> {
    val file = Files.createTempDirectory("kausal").resolve("facts.json")
    Files.writeString(file, json)
    val mistakes = mutableListOf<Mistake>()
    return ContrastFile(file, 3, InputSource::Text, mistakes).read() to mistakes.map { it.message }
}

private fun written(
    source: String,
    groups: Map<Grouping, String>,
) = DeclaredContrast(InputSource.Text("a"), listOf(" b"), null, emptyList(), null, 3, source, groups)

class ContrastFileTest :
    FunSpec({
        test("a list, and a list under a name") {
            val entry = """{"clean": "a", "answer": " b", "corrupted": null, "template": "t", "subject": "s"}"""
            val expected =
                listOf(written("facts.json, entry 1", mapOf(Grouping.Template to "t", Grouping.Subject to "s")))
            read("[$entry]") shouldBe (expected to emptyList())
            read("""{"contrasts": [$entry]}""") shouldBe (expected to emptyList())
        }
        test("candidates are a list of texts, and a way of asking writes the corrupted prompt of every entry") {
            val file = Files.createTempDirectory("kausal").resolve("questions.json")
            val asking = InputItem.Asking("sure") { "Sure, $foil, not $answer. $clean" }
            val entry =
                """{"clean": "Where is [x]?", "answer": " b", "foil": " c", "candidates": [" b", " d e"], """ +
                    """"template": "t"}"""
            Files.writeString(file, "[$entry]")
            val mistakes = mutableListOf<Mistake>()
            ContrastFile(file, 3, InputSource::Text, mistakes, asking).read() shouldBe
                listOf(
                    DeclaredContrast(
                        InputSource.Text("Where is [x]?"),
                        listOf(" b"),
                        InputSource.Text("Sure, c, not b. Where is [x]?"),
                        listOf(" c"),
                        "x (sure)",
                        3,
                        "questions.json, entry 1",
                        mapOf(Grouping.Template to "sure"),
                        listOf(" b", " d e"),
                    ),
                )
            mistakes shouldBe emptyList()
            read("""[{"clean": "a", "answer": "b", "candidates": "c"}]""").second.single() shouldContain
                "has a field \"candidates\" that is not a list of texts"
        }
        test("a way of asking may write the clean prompt too, with other answers") {
            val file = Files.createTempDirectory("kausal").resolve("questions.json")
            val asking = InputItem.Asking("sure", {
                "$clean (A) $answer (B) $foil"
            }, "A", "B") { "Sure, $foil. $clean" }
            Files.writeString(file, """[{"clean": "Where is [x]?", "answer": " b", "foil": " c"}]""")
            ContrastFile(file, 3, InputSource::Text, mutableListOf(), asking).read() shouldBe
                listOf(
                    DeclaredContrast(
                        InputSource.Text("Where is [x]? (A) b (B) c"),
                        listOf("A"),
                        InputSource.Text("Sure, c. Where is [x]?"),
                        listOf("B"),
                        "x (sure)",
                        3,
                        "questions.json, entry 1",
                        mapOf(Grouping.Template to "sure"),
                    ),
                )
        }
        test("a sample of groups has all examples of each, and those of the same groups in every set") {
            fun asked(
                subject: String,
                way: String,
            ) = DeclaredContrast(
                InputSource.Text("[$subject] is"),
                listOf(" b"),
                null,
                emptyList(),
                "$subject $way",
                3,
            )
            val subjects = List(9) { "s$it" }
            val one = subjects.map { asked(it, "a") }
            val three = listOf("a", "b", "c").flatMap { way -> subjects.map { asked(it, way) } }
            val drawn = one.sampled(Sample(4, Grouping.Subject), 7)
            drawn.size shouldBe 4
            val all = three.sampled(Sample(4, Grouping.Subject), 7)
            all.map { it.label } shouldBe
                three.map { it.label }.filter { label -> drawn.any { label!!.startsWith(it.label!!.take(2)) } }
            all.size shouldBe 12
            one.sampled(Sample(4, Grouping.Subject), 8).map { it.label } shouldNotBe drawn.map { it.label }
            three.sampled(Sample(4, Grouping.Example), 7).size shouldBe 4
            three.sampled(Sample(9, Grouping.Subject), 7) shouldBe three
        }
        test("comma-separated values, with quotes and blanks; an empty value is none") {
            val file = Files.createTempDirectory("kausal").resolve("facts.csv")
            Files.writeString(file, "clean,answer,corrupted,relation\n\"a\",\" b\",,r\n\"the [x], y\", c,\"d\",\n")
            val mistakes = mutableListOf<Mistake>()
            ContrastFile(file, 3, InputSource::Text, mistakes).read() shouldBe
                listOf(
                    written("facts.csv, entry 1", mapOf(Grouping.Relation to "r")),
                    DeclaredContrast(
                        InputSource.Text("the [x], y"),
                        listOf(" c"),
                        InputSource.Text("d"),
                        emptyList(),
                        null,
                        3,
                        "facts.csv, entry 2",
                    ),
                )
            mistakes shouldBe emptyList()
            Files.writeString(file, "clean,anwser\na,b\n")
            ContrastFile(file, 3, InputSource::Text, mistakes).read() shouldBe emptyList()
            mistakes.first().message shouldContain "has an unknown field \"anwser\""
        }
        test("no file") {
            val mistakes = mutableListOf<Mistake>()
            ContrastFile(
                Files.createTempDirectory("kausal").resolve("none.json"),
                3,
                InputSource::Text,
                mistakes,
            ).read() shouldBe
                emptyList()
            mistakes.single().message shouldContain "does not exist"
        }
        test("no JSON") { read("[{").second.single() shouldContain "is not a list of contrasts in JSON" }
        test("no text") {
            val file = Files.createTempFile("kausal", ".json").also { Files.write(it, byteArrayOf(-1, -2)) }
            val mistakes = mutableListOf<Mistake>()
            ContrastFile(file, 3, InputSource::Text, mistakes).read() shouldBe emptyList()
            mistakes.single().message shouldContain "its text is not UTF-8"
        }
        test("no list") { read("{}").second.single() shouldContain "no list" }
        test("unknown, missing and other fields") {
            val (found, messages) = read("""[{"clean": "a", "answer": "b"}, {"clean": 3, "anwser": "b"}]""")
            found.size shouldBe 1
            messages.map { it.substringAfter("entry 2 ").substringBefore(";") } shouldBe
                listOf(
                    "has an unknown field \"anwser\"",
                    "has a field \"clean\" that is not text",
                    "lacks the field \"answer\"",
                )
        }
    })
