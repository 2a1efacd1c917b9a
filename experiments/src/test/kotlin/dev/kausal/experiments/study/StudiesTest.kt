package dev.kausal.experiments.study

import dev.kausal.engine.source.CacheUnusable
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

class StudiesTest :
    FunSpec({
        val folder = tempdir().toPath()
        val studies = Studies(folder)

        test("every study of the index opens with all its files beside the script") {
            studies.all.size shouldBeGreaterThan 0
            for (study in studies.all) {
                val source = studies.open(study.name)
                source.name shouldBe "${study.name}.kausal.kts"
                study.files.forEach { source.folder.resolve(it).exists() shouldBe true }
            }
        }

        test("an extracted file that was changed is put right") {
            val facts = studies.open("fact-recall").folder.resolve("facts.json")
            val text = facts.readText()
            facts.writeText("[]")
            studies.open("fact-recall")
            facts.readText() shouldBe text
            folder.listDirectoryEntries().count { it.name.startsWith("fact-recall-") } shouldBe 1
        }

        test("the facts mark their subjects and differ in nothing else") {
            val text = studies.open("fact-recall").folder.resolve("facts.json").readText()
            for (fact in Json.parseToJsonElement(text).jsonArray) {
                fun field(name: String) = fact.jsonObject.getValue(name).jsonPrimitive.content

                val template = { prompt: String -> prompt.replace(Regex("\\[.*]"), "[]") }
                field("clean") shouldMatch ".*\\[.+].*"
                template(field("clean")) shouldBe template(field("corrupted"))
                field("answer") shouldMatch " \\p{Lu}\\p{L}+"
                field("foil") shouldMatch " \\p{Lu}\\p{L}+"
            }
        }

        fun entries(study: String, file: String): List<Map<String, String>> =
            Json.parseToJsonElement(studies.open(study).folder.resolve(file).readText()).jsonArray.map { entry ->
                entry.jsonObject.mapValues { it.value.jsonPrimitive.content }
            }

        test("there are facts of several relations, each about a marked subject, and none twice") {
            val facts = entries("fact-recall", "relations.json")
            facts.size shouldBeGreaterThan 119
            facts.map { it.getValue("relation") }.toSet().size shouldBeGreaterThan 3
            facts.map { it.getValue("clean") }.toSet().size shouldBe facts.size
            facts.forEach { fact ->
                val template = fact.getValue("template")
                for (side in listOf("clean", "corrupted")) {
                    fact.getValue(side).replace(Regex("\\[.+]"), "...") shouldBe template
                }
                fact.getValue("clean") shouldContain "[${fact.getValue("subject")}]"
                (fact.getValue("answer") == fact.getValue("foil")) shouldBe false
            }
        }

        test("every question has a wrong answer that is right for another question of its relation") {
            val questions = entries("sycophancy", "questions.json")
            questions.size shouldBeGreaterThan 119
            questions.map { it.getValue("clean") }.toSet().size shouldBe questions.size
            for (question in questions) {
                question.getValue("clean") shouldMatch "Question: .*\\[.+].* Answer:"
                question.getValue("clean") shouldContain "[${question.getValue("subject")}]"
                (question.getValue("answer") == question.getValue("foil")) shouldBe false
                val others = questions.filter { it["relation"] == question["relation"] }
                others.map { it["answer"] } shouldContain question["foil"]
            }
        }

        test("the general text says nothing of the questions, and no passage twice") {
            val text =
                Json.parseToJsonElement(studies.open("sycophancy").folder.resolve("text.json").readText()).jsonArray
                    .map { it.jsonPrimitive.content }
            text.size shouldBe text.toSet().size
            text.size shouldBeGreaterThan 39
            text.forEach { it.split(' ').size shouldBeInRange 15..60 }
            val questions = entries("sycophancy", "questions.json")
            val names = questions.flatMap { listOf(it["subject"], it["answer"]!!.trim()) }.toSet()
            val words = text.flatMap { it.split(Regex("\\W+")) }.toSet()
            words.filter { it in names } shouldBe emptyList()
        }

        test("a cache that cannot be written is the machine's failure and is named") {
            val file = tempdir().toPath().resolve("file").also { it.writeText("no folder") }
            val e = shouldThrow<CacheUnusable> { Studies(file.resolve("studies")).open("fact-recall") }
            e.blame().exitCode() shouldBe 3
            e.folder() shouldBe "$file/studies"
        }

        test("an unknown study suggests the nearest and lists all") {
            val e = shouldThrow<UnknownStudyException> { studies.open("fact-recal") }
            e.nearest shouldBe "fact-recall"
            e.message shouldContain "Did you mean 'fact-recall'? Studies: fact-recall, "
            shouldThrow<UnknownStudyException> { studies.open("zzz") }.nearest shouldBe null
        }
    })
