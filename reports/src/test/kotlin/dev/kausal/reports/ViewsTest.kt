package dev.kausal.reports

import dev.kausal.reports.figure.Views
import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.FigureKind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe

/** Every kind of figure that a script may ask for has a view, and every view is whole. */
class ViewsTest :
    FunSpec({
        test("each kind of figure has a view") {
            Views.all.map { it.kind }.distinct() shouldContainExactlyInAnyOrder FigureKind.entries
        }

        test("the last view of a kind takes what no special one does") {
            val plain = ResultGrid(Fixtures.patch(1), Fixtures.spec(1, Fixtures.tokens))
            for ((kind, views) in Views.all.groupBy { it.kind }) {
                withClue(kind) {
                    views.last().suits(plain) shouldBe true
                    views.dropLast(1).none { it.suits(plain) } shouldBe true
                    Views.of(kind, plain) shouldBe views.last()
                }
            }
        }

        test("the page has every view's script") {
            for (script in Views.scripts) {
                withClue(script) {
                    Views::class.java.getResource("/dev/kausal/reports/page/script/$script.js").shouldNotBeNull()
                }
            }
        }
    })
