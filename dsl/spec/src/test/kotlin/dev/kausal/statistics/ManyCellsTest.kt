package dev.kausal.statistics

import dev.kausal.spec.Numbers
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path

class ManyCellsTest :
    StringSpec({
        // Two thousand draws of 20,000 cells are 320 MB, of which one chunk of cells is needed at a time.
        "tests of many cells keep no draws" {
            val java = Path.of(System.getProperty("java.home"), "bin", "java")
            val words =
                listOf("$java", "-Xmx64m", "-cp", System.getProperty("java.class.path"), ManyCells::class.java.name)
            val process = ProcessBuilder(words).redirectErrorStream(true).start()
            val said = process.inputReader().readText()
            process.waitFor() to said.trim() shouldBe (0 to "20000 intervals, 20000 p")
        }
    })

/** Tests more cells than whose draws its heap could hold. */
internal object ManyCells {
    private const val CELLS = 20_000
    private const val EXAMPLES = 6
    private const val DRAWS = 2000

    @JvmStatic
    fun main(words: Array<String>) {
        require(words.isEmpty()) { "it takes no words" }
        val rows = List(EXAMPLES) { example ->
            Numbers.of(CELLS) { cell ->
                1.0 +
                    (cell * 31 + example * 17) % 101 / 101.0
            }
        }
        val found = Studentised.of(Ratio(Sample(rows)), Draws.of(EXAMPLES, DRAWS, 0), 0.95)
        println("${found.intervals.count { it != null }} intervals, ${found.single.count { it != null }} p")
    }
}
