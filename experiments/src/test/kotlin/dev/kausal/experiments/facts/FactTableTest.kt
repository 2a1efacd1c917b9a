package dev.kausal.experiments.facts

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch

class FactTableTest :
    FunSpec({
        val table = FactTable.builtIn

        test("there are at least 300 written facts, and each subject has one answer per relation") {
            val written = table.facts.filter { it.relation != Relation.LandmarkCountry }
            written shouldHaveAtLeastSize 300
            table.facts.map { it.relation to it.subject }.shouldBeUnique()
            table.facts.forEach { withClue(it) { it.answer shouldMatch "[A-Z]?[a-z]+" } }
            table.facts.forEach { withClue(it) { it.subject shouldMatch "[A-Za-z]+( [A-Za-z]+)*" } }
        }

        test("a capital is in its country wherever both are told") {
            val country = table.of(Relation.CityCountry).associate { it.subject to it.answer }
            table.of(Relation.Capital).filter {
                country[it.answer].let { c ->
                    c != null && c != it.subject
                }
            }.shouldBeEmpty()
        }

        test("a landmark is in its city's country") {
            val city = table.of(Relation.LandmarkCity).associate { it.subject to it.answer }
            val country = table.of(Relation.CityCountry).associate { it.subject to it.answer }
            table.of(Relation.LandmarkCountry).forEach { country[city[it.subject]] shouldBe it.answer }
            table.of(Relation.LandmarkCountry).first { it.subject == "Eiffel Tower" }.answer shouldBe "France"
        }

        test("every relation has taught and held-out phrasings and questions, none of them both") {
            for (relation in Relation.entries) {
                for (wordings in listOf(Phrasings.builtIn[relation], Dialogues.builtIn.questions(relation))) {
                    (wordings.taught + wordings.heldOut).shouldBeUnique()
                    wordings.heldOut shouldHaveAtLeastSize 1
                    (wordings.taught + wordings.heldOut).forEach { it.split(MARK).size shouldBe 2 }
                }
            }
        }

        test("a held-out phrasing has no word that no taught one has") {
            val words = { text: String -> text.split(Regex("[^A-Za-z]+")).filter(String::isNotEmpty) }
            val taught =
                Relation.entries.flatMap { Phrasings.builtIn[it].taught + Dialogues.builtIn.questions(it).taught } +
                    Dialogues.builtIn.asking.flatMap { it.taught }
            val known = taught.flatMap(words).toSet()
            val heldOut =
                Relation.entries.flatMap { Phrasings.builtIn[it].heldOut + Dialogues.builtIn.questions(it).heldOut } +
                    Dialogues.builtIn.asking.flatMap { it.heldOut }
            heldOut.forEach { withClue(it) { (words(it) - known).shouldBeEmpty() } }
        }

        test("only some ways of asking are given in to") {
            val asking = Dialogues.builtIn.asking
            asking.first().hasOpinion shouldBe false
            asking.drop(1).all { it.hasOpinion } shouldBe true
            asking.map { it.givesIn }.toSet() shouldBe setOf(0.0, 0.4, 0.8)
        }
    })
