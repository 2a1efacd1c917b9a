package dev.kausal.run.inference

import dev.kausal.statistics.Studentised
import java.util.Locale

/** With fewer, intervals of lognormal values cover the mean in less than 93 % of simulations. */
private const val FEW = 16

/** A cluster with a larger share of the examples is mentioned. */
private const val LARGE = 0.25

/** Returns warnings about small and unbalanced samples. */
internal fun warnings(labels: List<String>): List<String> {
    val sizes = labels.groupingBy { it }.eachCount().values
    val few = "${sizes.size} independent examples"
    return buildList {
        when {
            sizes.size < 2 -> {
                add("One independent example: no interval and no test.")
            }

            sizes.size < Studentised.FEWEST -> {
                add(
                    "$few, fewer than ${Studentised.FEWEST}: no test, and intervals of shares only.",
                )
            }

            sizes.size < FEW -> {
                add(
                    "$few: if values are very skewed, coverage of intervals is below their level.",
                )
            }
        }
        val largest = sizes.max().toDouble() / labels.size
        if (sizes.size >= Studentised.FEWEST && largest > LARGE) {
            val percent = "%.0f".format(Locale.ROOT, 100 * largest)
            add("One cluster holds $percent % of the examples.")
        }
    }
}
