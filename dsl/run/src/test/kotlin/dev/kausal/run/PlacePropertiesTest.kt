package dev.kausal.run

import dev.kausal.run.inputs.Step
import dev.kausal.run.inputs.rows
import dev.kausal.run.inputs.spanOf
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import io.kotest.common.ExperimentalKotest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeMonotonicallyIncreasing
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.arbitrary
import io.kotest.property.arbitrary.int
import io.kotest.property.checkAll

/** What holds of places in any prompt. A failure names the example and the seed. */
@OptIn(ExperimentalKotest::class)
class PlacePropertiesTest :
    FunSpec({
        val config = PropTestConfig(seed = 26)
        val prompts =
            arbitrary {
                val length = Arb.int(2, 20).bind()
                val first = Arb.int(0, length - 2).bind()
                val last = Arb.int(first, length - 2).bind()
                PromptSpec("any", List(length) { it }, List(length) { "t$it" }, PositionRange(first, last))
            }

        fun places(
            prompt: PromptSpec,
            span: String,
        ) = PlaceSpec.Span(span).let { spanOf(prompt, it.span) }

        test("spans of a prompt with a marked subject part it without gap or overlap, behind the tokens before it") {
            checkAll(config, prompts) { prompt ->
                val subject = places(prompt, "subject")
                val first = places(prompt, "subject-first")
                val middle = places(prompt, "subject-middle")
                (first + middle + places(prompt, "subject-last")).distinct() shouldBe subject.toList()
                val behind = places(prompt, "after-subject") + places(prompt, "further") + places(prompt, "last")
                behind.distinct() shouldBe (subject.last + 1..prompt.tokens.lastIndex).toList()
            }
        }

        test("steps through a span go from its first token to its last, in order, whatever the number of steps") {
            checkAll(config, prompts, Arb.int(2, 25)) { prompt, count ->
                val rows = List(count) { PlaceSpec.EachOf("subject").rows(prompt, Step(it, count)) }
                val at = rows.map { it.first() }
                rows.map { it.last() } shouldBe at
                at.shouldBeMonotonicallyIncreasing()
                at.first() shouldBe prompt.subject!!.first
                at.last() shouldBe prompt.subject!!.last
                val tokens = places(prompt, "subject").toList()
                if (count == tokens.size) at shouldBe tokens
                if (count > tokens.size) at.distinct() shouldBe tokens
            }
        }
    })
