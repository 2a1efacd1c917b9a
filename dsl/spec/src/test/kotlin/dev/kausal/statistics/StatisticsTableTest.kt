package dev.kausal.statistics

import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.string.shouldContain
import java.util.Locale
import kotlin.io.path.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** Keeps `bench/results/statistics.md`: written anew with `-Dkausal.statistics.write=true`, see `bench/README.md`. */
class StatisticsTableTest :
    StringSpec({
        val file = Path("../../bench/results/statistics.md")
        if (System.getProperty("kausal.statistics.write") == "true") {
            "the table is written" {
                file.writeText(StatisticsTable(Integer.getInteger("kausal.statistics.runs", 2000)).text())
            }
        }

        "the kept table speaks of every kind of numbers that is simulated" {
            val kept = file.readText()
            val worlds = Worlds.independent + Worlds.recoveries + Worlds.clusters + Worlds.shares
            worlds.forEach { kept shouldContain "| ${it.name} |" }
            Worlds.nulls.forEach { kept shouldContain "| ${it.name} |" }
        }
    })

private class StatisticsTable(
    private val runs: Int,
) {
    fun text(): String =
        listOf(
            "# Statistics by simulation",
            "",
            "Written by `StatisticsTableTest`; the command is in `bench/README.md`. $runs experiments for " +
                "each number of intervals, a " +
                "quarter of them for each of tests, a tenth for each of ranks.",
            "",
            "## Intervals of 95 %",
            "",
            "How often they hold the truth, and in brackets how wide they are beside Student's t on " +
                "clusters (of shares: beside t); then " +
                "what that t itself holds, and the bias-corrected bootstrap. Where less than all " +
                "experiments have an interval, the share " +
                "that does follows.",
            "",
        ).joinToString("\n") + "\n" + intervals() + "\n## Tests at 0.05 of 60 cells in which there is nothing\n\n" +
            "How often a cell is found by itself, and how often any is found after correction; then how " +
            "often any is by sign flips " +
            "alone.\n\n" + tests() + "\n## Rank agreement\n\n" +
            "Two rankings on the same examples, noise of half common variance.\n\n" + ranks()

    private fun intervals(): String {
        val sizes = listOf(6, 8, 10, 16, 24, 50, 100)
        val shareSizes = listOf(3, 5) + sizes
        return table(sizes, Worlds.independent + Worlds.recoveries + Worlds.clusters) + "\n" +
            table(shareSizes, Worlds.shares)
    }

    private fun table(
        sizes: List<Int>,
        worlds: List<World>,
    ): String {
        val head =
            "| Numbers | " + sizes.joinToString(" | ") { "n = $it" } + " |\n|---|" + "---|".repeat(sizes.size) + "\n"
        return head +
            worlds.joinToString("") { world ->
                println(world.name)
                "| ${world.name} | " +
                    sizes.joinToString(" | ") { n -> entry(Simulation.coverage(world, n, runs, DRAWS, true)) } +
                    " |\n"
            }
    }

    private fun entry(its: Coverage): String {
        val given = if (its.given < 0.9995) ", of ${two(its.given)}" else ""
        return "${three(its.holds)} (${two(its.width)}); ${two(its.student)}, ${two(its.corrected)}$given"
    }

    private fun tests(): String {
        val sizes = listOf(6, 10, 24, 100)
        return "| Cells | " + sizes.joinToString(" | ") { "n = $it" } + " |\n|---|" + "---|".repeat(sizes.size) + "\n" +
            Worlds.nulls.joinToString("") { world ->
                println(world.name)
                "| ${world.name} | " +
                    sizes.joinToString(" | ") { n ->
                        val its = Simulation.errors(world, n, runs / 4, DRAWS)
                        "${three(its.single)}, ${two(its.family)}; ${two(its.flips)}"
                    } + " |\n"
            }
    }

    private fun ranks(): String {
        val cases =
            listOf(270 to 3.0, 270 to 8.0, 16 to 0.5).flatMap { (cells, noise) ->
                listOf(0.96, 0.5, 0.0).flatMap { agreement ->
                    listOf(24, 60).map { n -> Case(cells, noise, agreement, n) }
                }
            }
        return "| Cells | Noise | n | True | As it is | Corrected | Given | Interval holds | Width |\n" +
            "|---".repeat(9) +
            "|\n" +
            cases.joinToString("") { case ->
                val its = Simulation.agreement(case.cells, case.agreement, case.noise, case.n, runs / 10)
                println("${case.cells} ${case.agreement}")
                "| ${case.cells} | ${case.noise} | ${case.n} | ${two(
                    its.truth,
                )} | ${two(its.raw)} | ${two(its.corrected)} | " +
                    "${two(its.given)} | ${two(its.holds)} | ${two(its.width)} |\n"
            }
    }

    private class Case(
        val cells: Int,
        val noise: Double,
        val agreement: Double,
        val n: Int,
    )

    private fun two(value: Double) = "%.2f".format(Locale.ROOT, value)

    private fun three(value: Double) = "%.3f".format(Locale.ROOT, value)

    private companion object {
        const val DRAWS = 999
    }
}
