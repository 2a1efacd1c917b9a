package dev.kausal.statistics

/** Scores that cannot be told apart. */
public object Ties {
    /**
     * Returns [scores] with those that may differ by rounding alone made equal: from the highest on, all that are at most [floor]
     * below the highest of a group get the lowest of the group.
     */
    public fun grouped(
        scores: List<Double>,
        floor: Double,
    ): List<Double> {
        val order = scores.indices.sortedByDescending { scores[it] }
        val grouped = scores.toMutableList()
        var from = 0
        while (from < order.size) {
            val highest = scores[order[from]]
            var to = from + 1
            while (to < order.size && highest - scores[order[to]] <= floor) to++
            for (place in from until to) grouped[order[place]] = scores[order[to - 1]]
            from = to
        }
        return grouped
    }
}
