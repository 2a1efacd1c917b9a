package dev.kausal.experiments.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class LineProgressTest :
    FunSpec({
        fun lines(vararg seconds: Int): List<String> {
            val err = StringBuilder()
            val times = listOf(0, *seconds.toTypedArray()).iterator()
            val progress = LineProgress(Console(StringBuilder(), err)) { times.next() * 1_000_000_000L }
            progress.begin("sweep", 1_000, "cells")
            repeat(seconds.size) { progress.advance(10) }
            return err.lines().filter { it.isNotEmpty() }
        }

        test("a short stage says nothing in between") {
            lines(3, 6, 9) shouldBe listOf("sweep: 1000 cells")
        }

        test("a long stage tells every ten seconds how far it is, and how long it will take once a part is done") {
            lines(5, 11, 15, 22, 26, 33) shouldBe
                listOf(
                    "sweep: 1000 cells",
                    "sweep: 20 of 1000 cells",
                    "sweep: 40 of 1000 cells",
                    "sweep: 60 of 1000 cells, about 9 min left",
                )
        }
    })
