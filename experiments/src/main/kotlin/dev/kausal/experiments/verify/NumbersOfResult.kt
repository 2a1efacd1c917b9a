package dev.kausal.experiments.verify

import dev.kausal.spec.Result

/** The numbers of a [result] for its cells, apart from everything else. */
internal class NumbersOfResult(
    private val result: Result,
) {
    /** Lists of numbers by their path in the result. */
    val lists: Map<String, List<Double?>> =
        with(result) {
            rows("perExample", perExample) + rows("plain", plain.orEmpty()) + rows("exact", exact.orEmpty()) +
                mapOf(
                    "mean" to mean,
                    "ciLow" to ciLow,
                    "ciHigh" to ciHigh,
                    "pValue" to pValue,
                    "pCorrected" to pCorrected,
                    "median" to median,
                    "standardError" to standardError,
                    "effect" to effect,
                ) + changes() + audits()
        }

    private fun rows(name: String, rows: List<List<Double?>>) =
        rows.withIndex().associate { (example, row) -> "$name[$example]" to row }

    private fun changes(): Map<String, List<Double?>> =
        result.change?.let {
            mapOf(
                "change.mean" to it.mean,
                "change.standardError" to it.standardError,
                "change.ciLow" to it.ciLow,
                "change.ciHigh" to it.ciHigh,
            )
        }.orEmpty()

    private fun audits(): Map<String, List<Double?>> =
        result.cellAudit?.let {
            mapOf(
                "cellAudit.fired" to it.fired.map(Int::toDouble),
                "cellAudit.unchanged" to it.unchanged.map(Int::toDouble),
                "cellAudit.largestChange" to it.largestChange,
            )
        }.orEmpty()

    /** The result without [lists]; of rows, their number stays. */
    val rest: Result
        get() = result.copy(
            perExample = result.perExample.map { emptyList() },
            plain = result.plain?.map { emptyList() },
            exact = result.exact?.map { emptyList() },
            mean = emptyList(),
            ciLow = emptyList(),
            ciHigh = emptyList(),
            pValue = emptyList(),
            pCorrected = emptyList(),
            median = emptyList(),
            standardError = emptyList(),
            effect = emptyList(),
            change = result.change?.copy(
                mean = emptyList(),
                standardError = emptyList(),
                ciLow = emptyList(),
                ciHigh = emptyList(),
            ),
            cellAudit = result.cellAudit?.copy(
                fired = emptyList(),
                unchanged = emptyList(),
                largestChange = emptyList(),
            ),
        )
}
