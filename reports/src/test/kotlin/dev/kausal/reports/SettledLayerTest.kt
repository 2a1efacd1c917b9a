package dev.kausal.reports

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.SettledLayer
import dev.kausal.spec.LikelyToken
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain

/** From which layer on the answer is the likeliest token, over examples that differ in it. */
class SettledLayerTest :
    FunSpec({
        val bundle = Fixtures.bundle(3)
        val words = Fixtures.tokens.size

        /** For each example, the layer from which the answer is on top at the last position; null for never. */
        fun lens(vararg from: Int?): ResultGrid {
            val result = Fixtures.lens(Fixtures.tokens)
            val top =
                from.map { first ->
                    List(Fixtures.LAYERS * words) { cell ->
                        val there = first != null && cell / words >= first && cell % words == words - 1
                        listOf(LikelyToken(if (there) " Paris" else " Rome", 0.5))
                    }
                }
            return ResultGrid(result.copy(top = top, examples = from.map { "$it" }), Fixtures.bundle(from.size).spec)
        }

        test("one example is told by itself") {
            SettledLayer.of(lens(22)) shouldBe
                "At the last position, the answer \u201cParis\u201d is the likeliest token from layer 22 on."
            SettledLayer.of(lens(null)) shouldBe
                "At the last position, the likeliest token after the last layer is \u201cRome\u201d, not the answer " +
                "\u201cParis\u201d."
        }

        test("several are told by their median and range, with how many end there") {
            SettledLayer.of(lens(20, 22, 27, null)) shouldBe
                "At the last position, the answer is the likeliest token from layer 22 (the median; 20 to 27) on " +
                "in 3 of 4 examples."
            SettledLayer.of(lens(22, 22)) shouldBe
                "At the last position, the answer is the likeliest token from layer 22 on in 2 of 2 examples."
        }

        test("an answer that is never on top is not said to be") {
            val text = SettledLayer.of(lens(null, null))!!
            text shouldBe "After the last layer, the answer is the likeliest token in none of 2 examples."
            text shouldNotContain "from layer"
        }

        test("a result without its tokens has no such sentence") {
            val result = bundle.results.results.first { it.name == "lens" }.copy(top = null)
            SettledLayer.of(ResultGrid(result, bundle.spec)).shouldBeNull()
        }
    })
