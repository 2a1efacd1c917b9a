package dev.kausal.run.fuzz

import dev.kausal.engine.fuzz.Mutants
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe

private const val INPUTS = 2000

/** A part that another version of Kausal wrote is taken or computed again, and never ends the run. */
class JournalPartsTest :
    FunSpec({
        for (part in JournalPart.entries) {
            test("$part: what a run writes is taken") {
                part.read(0, part.seed(0), tempdir().toPath()) shouldBe true
            }

            test("$part: changed parts") {
                Mutants.failures(part, INPUTS, tempdir().toPath()).shouldBeEmpty()
            }
        }

        test("a part of another kind is none") {
            for (part in JournalPart.entries) {
                for (other in JournalPart.entries - part) {
                    part.read(0, other.seed(0), tempdir().toPath()) shouldBe false
                }
            }
        }
    })
