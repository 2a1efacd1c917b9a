package dev.kausal.spec

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.Json

class NumbersTest :
    FunSpec({
        val many = List(100) { if (it % 3 == 0) null else it / 8.0 }

        test("numbers equal the list that they were made of") {
            Numbers.of(many) shouldBe many
            Numbers.of(many).size shouldBe 100
        }

        test("what is not finite is absent") {
            val mixed = listOf(1.0, Double.NaN, Double.POSITIVE_INFINITY, null)
            Numbers.of(mixed) shouldBe listOf(1.0, null, null, null)
        }

        test("they are written as any list is, and read back") {
            val text = Json.encodeToString(NumbersSerializer, Numbers.of(many))
            text.substring(0, 22) shouldBe "[null,0.125,0.25,null,"
            Json.decodeFromString(NumbersSerializer, text) shouldBe many
            Json.decodeFromString(NumbersSerializer, "[]") shouldBe emptyList()
        }
    })
