package dev.kausal.experiments.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

class MemoryAdviceTest :
    FunSpec({
        val giga = 1L shl 30
        val e = OutOfMemoryError("Java heap space")

        test("a heap that is advised is larger than the one that was too small, and fits the machine") {
            for (heap in listOf(1L, 2, 5, 6, 11).map { it * giga }) {
                val said = MemoryAdvice.of(e, heap, 23 * giga)
                said shouldContain "Java's heap may take ${heap / giga * 1024} MB"
                val advised = Regex("-Xmx(\\d+)g").find(said)!!.groupValues[1].toInt()
                advised shouldBeGreaterThan (heap / giga).toInt()
                (advised < 23) shouldBe true
            }
        }
        test("what asked for the memory is named, and advice that does not help it is not given") {
            val cut = OutOfMemoryError("Java heap space")
            cut.stackTrace =
                arrayOf(
                    StackTraceElement("java.util.Arrays", "copyOf", null, 1),
                    StackTraceElement("dev.kausal.engine.images.Picture", "cut", null, 1),
                    StackTraceElement("dev.kausal.run.ExperimentRunner", "run", null, 1),
                )
            val said = MemoryAdvice.of(cut, giga, 8 * giga)
            said shouldContain "Out of memory (Java heap space) while reading an image (Picture.cut): Java's heap"
            said shouldNotContain "fewer inputs"
        }
        test("no larger heap is advised than the machine can give") {
            val said = MemoryAdvice.of(e, 3 * giga, 4 * giga)
            said shouldNotContain "-Xmx"
            said shouldContain "The machine has only 4096 MB"
        }
        test("nothing is said of --memory, which is not of Java's heap") {
            MemoryAdvice.of(e, giga, 8 * giga) shouldNotContain "--memory"
        }
    })
