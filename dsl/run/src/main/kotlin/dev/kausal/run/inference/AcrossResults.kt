package dev.kausal.run.inference

import dev.kausal.spec.Correction
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.statistics.benjaminiHochberg
import java.util.Locale

/**
 * Returns [results] with p corrected for all tested results of a report, not only for the cells of each.
 *
 * Family-wise: times the number of results (Bonferroni), valid whatever their dependence. False discoveries: over all p
 * of all results together.
 */
internal fun acrossResults(
    results: List<Result>,
    inference: InferenceSpec,
): List<Result> {
    val tested = results.count { it.isTested }
    if (tested == 0) return results
    val together = if (inference.correction == Correction.BenjaminiHochberg) together(results) else emptyMap()
    return results.map { result ->
        if (!result.isTested) return@map result
        val corrected =
            when (inference.correction) {
                Correction.FamilyWise -> result.pCorrected.let { all ->
                    Numbers.of(all.size) { all[it]?.times(tested)?.coerceAtMost(1.0) }
                }

                Correction.BenjaminiHochberg -> together.getValue(result.name)

                Correction.None -> result.pCorrected
            }
        result.copy(
            pCorrected = corrected,
            inference = result.inference?.copy(results = if (inference.correction == Correction.None) 1 else tested),
            notes = result.notes + listOfNotNull(outOfReach(result, inference, tested)),
        )
    }
}

private val Result.isTested: Boolean get() = pCorrected.any { it != null }

private fun together(results: List<Result>): Map<String, List<Double?>> {
    val tested = results.filter { it.isTested }
    val adjusted = benjaminiHochberg(tested.flatMap { it.pValue })
    var before = 0
    return tested.associate { result ->
        result.name to adjusted.subList(before, before + result.pValue.size).also { before += result.pValue.size }
    }
}

/** Returns why nothing in [result] can be significant, whatever its numbers; null if something can. */
private fun outOfReach(
    result: Result,
    inference: InferenceSpec,
    tested: Int,
): String? {
    if (inference.correction != Correction.FamilyWise) return null
    val sets = result.randomSets
    val clusters = result.inference?.clusters ?: return null
    // A rank among draws is at least 1 of draws + 1. Signs of few clusters have few assignments, two of which are
    // extreme.
    val least = tested * if (sets != null) 1.0 / (sets.draws + 1) else 2.0 / (1L shl clusters.coerceAtMost(MANY))
    if (least < CLAIMED) return null
    val what = if (sets != null) "${sets.draws} random sets" else "$clusters independent examples"
    val enough = if (sets != null) " At least ${(tested / CLAIMED).toInt()} draws are needed." else ""
    val p = "%.3f".format(Locale.ROOT, least.coerceAtMost(1.0))
    return "Nothing can be significant: with $what and $tested tested results, p is at least $p.$enough"
}

private const val CLAIMED = 0.05
private const val MANY = 30
