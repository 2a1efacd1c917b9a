package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.model.Checkpoint
import dev.kausal.experiments.training.InterchangeTraining
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** Alignments and interchanges by hand. */
class AlignmentTest :
    FunSpec({
        fun alignment(program: Program) =
            Alignment(program, Checkpoint.of(InterchangeTraining(program).config).config())

        fun Intervention.says(
            base: String,
            source: String,
        ) = answers(base.split(" "), source.split(" ")).last()

        test("reverse: each part that computes something, and what reads words; the rest must change nothing") {
            val reverse = alignment(Programs.reverse)
            reverse.aligned.map { it.name } shouldContainExactly
                listOf("L0H0", "L0.k0", "L0 mlp", "input of L0 mlp", "L1H0", "L1.q0", "L1.v0")
            reverse.unaligned.map { it.name } shouldContainExactly
                listOf("L0.q0", "L0.v0", "L0H1", "L0H2", "L0H3", "L1.k0", "L1H1", "L1H2", "L1H3", "L1 mlp")
        }

        test("inhibit: the second layer has no part in the program") {
            val inhibit = alignment(Programs.inhibit)
            inhibit.aligned.map { it.name } shouldContainExactly
                listOf("L0H0", "L0.v0", "L0H1", "L0.k1", "L0.v1", "L0 mlp", "input of L0 mlp")
            inhibit.unaligned.map { it.name } shouldContainExactly
                listOf("L0.q0", "L0.k0", "L0.q1", "L0H2", "L0H3") + List(4) { "L1H$it" } + "L1 mlp"
        }

        test("interchanges in reverse") {
            val reverse = alignment(Programs.reverse).aligned.associateBy { it.name }

            fun says(
                name: String,
                source: String,
            ) = reverse.getValue(name).says("a b c >", source)
            // The mark of the source stands in row 3, so that row 4 copies row 1; the words are the base's.
            for (name in listOf("L0H0", "L0.k0", "L0 mlp", "input of L0 mlp", "L1.q0")) {
                says(name, "d d > d") shouldBe
                    "a"
            }
            // Row 3 is copied as before, but from the source's words.
            says("L1.v0", "d d d >") shouldBe "d"
            says("L1H0", "a b d >") shouldBe "d"
        }

        test("several parts at once: a mark and words of the source; with all that must change nothing") {
            val reverse = alignment(Programs.reverse)
            val some = reverse.aligned.filter { it.name == "L0H0" || it.name == "L1.v0" }
            reverse.together("both", some).says("a b c >", "d c > d") shouldBe "d"
            reverse.together("all", reverse.unaligned + some).says("a b c >", "d c > d") shouldBe "d"
            reverse.together("all", reverse.unaligned).says("a b c >", "d c > d") shouldBe "c"
        }

        test("what must change nothing changes nothing in the program") {
            for (one in alignment(Programs.reverse).unaligned) one.says("a b c >", "d d > d") shouldBe "c"
        }
    })
