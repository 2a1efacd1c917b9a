package dev.kausal.statistics

import kotlin.math.sqrt

/**
 * The same quantities measured on several examples, grouped by cluster.
 *
 * Examples of one cluster (such as one subject in several phrasings) are dependent, so clusters are drawn, flipped or
 * left out as a whole. Without repetition each example is its own cluster.
 *
 * @property values [example, cell]; null if an example has no such cell
 * @param clusters cluster of each example: any labels
 */
public class Sample(
    public val values: List<List<Double?>>,
    clusters: List<Any> = values.indices.toList(),
) {
    /** Number of cells. */
    public val cells: Int = values.firstOrNull()?.size ?: 0

    private val clusterOf: IntArray

    /** Number of clusters. */
    public val clusters: Int

    /** The label of each cluster. */
    internal val labels: List<Any>

    /** Sum of each cell over the examples of each cluster, [cluster, cell]. */
    internal val sums: Array<DoubleArray>

    /** Number of examples that have the cell, [cluster, cell]. */
    internal val counts: Array<DoubleArray>

    init {
        require(clusters.size == values.size) { "${clusters.size} clusters for ${values.size} examples" }
        require(values.all { it.size == cells }) { "examples differ in their number of cells" }
        val numbers = LinkedHashMap<Any, Int>()
        clusterOf = IntArray(values.size) { numbers.getOrPut(clusters[it]) { numbers.size } }
        this.clusters = numbers.size
        labels = numbers.keys.toList()
        sums = Array(numbers.size) { DoubleArray(cells) }
        counts = Array(numbers.size) { DoubleArray(cells) }
        values.forEachIndexed { example, row ->
            val sum = sums[clusterOf[example]]
            val count = counts[clusterOf[example]]
            for (cell in 0 until cells) {
                sum[cell] += row[cell] ?: continue
                count[cell] += 1.0
            }
        }
    }

    /** Returns the number of clusters that have [cell]. */
    public fun clustersWith(cell: Int): Int = counts.count { it[cell] > 0 }

    /** Returns the mean of [cell] over the examples that have it; null if none does. */
    public fun mean(cell: Int): Double? {
        val count = counts.sumOf { it[cell] }
        return if (count == 0.0) null else sums.sumOf { it[cell] } / count
    }

    /** Returns the median of [cell] over the examples that have it; null if none does. */
    public fun median(cell: Int): Double? {
        val column = values.mapNotNull { it[cell] }
        return if (column.isEmpty()) null else Quantiles.median(column)
    }

    /**
     * Returns the standard error of the mean of [cell], robust to dependence within clusters; null with fewer than two
     * clusters. With clusters of one example it is the standard deviation over the root of n.
     */
    public fun standardError(cell: Int): Double? {
        val mean = mean(cell) ?: return null
        val present = clustersWith(cell)
        if (present < 2) return null
        var squares = 0.0
        var count = 0.0
        for (cluster in sums.indices) {
            val off = sums[cluster][cell] - mean * counts[cluster][cell]
            squares += off * off
            count += counts[cluster][cell]
        }
        return sqrt(squares * present / (present - 1)) / count
    }

    /** Returns the same examples with other quantities [example, cell]. */
    public fun with(others: List<List<Double?>>): Sample = Sample(others, clusterOf.toList())
}
