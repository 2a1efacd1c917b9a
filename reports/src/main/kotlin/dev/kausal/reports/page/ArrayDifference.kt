package dev.kausal.reports.page

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.spec.Numbers
import kotlin.math.abs

/** Describes the differences between the arrays of two bundles, over the examples that both have. */
internal fun arrayDifference(
    firstName: String,
    first: ResultGrid,
    otherName: String,
    other: ResultGrid,
): String {
    if (first.sizes != other.sizes) return "$otherName and $firstName have different cells, so they are not subtracted."
    val at = first.result.examples.withIndex().associate { it.value to it.index }
    val shared = other.result.examples.withIndex().mapNotNull { (i, label) -> at[label]?.let { it to i } }
    if (shared.isEmpty()) return "$otherName and $firstName share no example."
    var largest = -1.0
    var cell = 0
    for ((one, two) in shared) {
        val a = Numbers.of(first.result.perExample[one])
        val b = Numbers.of(other.result.perExample[two])
        for (i in a.indices) {
            val difference = abs(a.at(i) - b.at(i))
            if (difference > largest) {
                largest = difference
                cell = i
            }
        }
    }
    val over = count(shared.size, "shared example")
    if (largest < 0) return "$otherName and $firstName have no number in common in $over."
    if (largest == 0.0) return "$otherName and $firstName have the same numbers in $over."
    return "$otherName and $firstName differ by at most ${number(largest)} in $over, at ${first.words(cell)}. " +
        "So many numbers are compared, not tested."
}
