package dev.kausal.reports

/** −ln 0.05: with a chance of 3/n each, n examples all miss in 5 % of samples. */
private const val RULE_OF_THREE = 3.0

/** How many turn from the answer to the foil, by group. */
internal fun behaviourHeadline(grid: Grid): String {
    val groups =
        grid.axes[0].labels.mapIndexed { group, name ->
            val turned = grid.index(listOf(group, 2))
            val n = grid.result.perExample.count { it[turned] != null }
            "$name ${share(grid.mean(turned))}${shares(grid, turned)} of $n"
        }
    return "Turn from the answer to the foil: ${listed(groups)}."
}

/** Where all examples agree, resampling them shows no spread: then the rule of three (Hanley, Lippman-Hand 1983). */
internal fun shares(
    grid: Grid,
    cell: Int,
): String {
    val (low, high) = grid.interval(cell) ?: return ""
    val n = grid.result.perExample.count { it[cell] != null }
    if (low < high || n == 0) return " (${share(low)} to ${share(high)})"
    val bound = (RULE_OF_THREE / n).coerceAtMost(1.0)
    return if (high < 1) " (0 % to ${share(bound)})" else " (${share(1 - bound)} to 100 %)"
}

internal fun share(value: Double?): String = if (value == null) "not computed" else "${number(100 * value, 0)} %"

/** Shares and shifts of each group, in a sentence each. */
internal fun behaviourSentences(grid: Grid): List<String> =
    grid.axes[0].labels.indices.map { group ->
        fun at(quantity: Int) = grid.index(listOf(group, quantity))
        val turned = at(2)
        val shift = at(3)
        val p = grid.result.pCorrected.getOrNull(shift)
        val shown = p?.let(::pWords) ?: "not tested"
        val claim = if (p != null && p < CLAIM) shown else "no effect found, $shown"
        "${grid.axes[0].labels[group]}: the answer is preferred in ${share(grid.mean(at(0)))} of clean and " +
            "${share(grid.mean(at(1)))} of corrupted prompts; ${share(grid.mean(turned))}${shares(grid, turned)} " +
            "turn to the " +
            "foil; the logit difference shifts by ${number(grid.mean(shift))}${span(grid, shift)} ($claim)."
    }

private fun span(
    grid: Grid,
    cell: Int,
): String = grid.interval(cell)?.let { (low, high) -> " (${number(low)} to ${number(high)})" }.orEmpty()
