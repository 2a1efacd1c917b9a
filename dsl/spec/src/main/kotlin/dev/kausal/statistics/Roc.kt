package dev.kausal.statistics

/**
 * The receiver operating characteristic of scores against a known truth: how many of the true items, and of the others, have at
 * least each score.
 *
 * @param scores one per item; higher ones are taken to be true first
 * @param truth whether each item is true; at least one is, and at least one is not
 */
public class Roc(
    scores: List<Double>,
    truth: List<Boolean>,
) {
    /**
     * All items with at least one score.
     *
     * @property threshold the least score of these items
     * @property items their number
     * @property truePositiveRate share of the true items that are among them
     * @property falsePositiveRate share of the others that are among them
     */
    public data class Point(
        val threshold: Double,
        val items: Int,
        val truePositiveRate: Double,
        val falsePositiveRate: Double,
    )

    /** One point per distinct score, the highest first. Items with equal scores enter together. */
    public val points: List<Point>

    init {
        require(scores.size == truth.size) { "${scores.size} scores for ${truth.size} items" }
        require(scores.none { it.isNaN() }) { "a score is no number" }
        val positives = truth.count { it }
        val negatives = truth.size - positives
        require(positives > 0 && negatives > 0) { "$positives of ${truth.size} items are true" }
        var found = 0
        var wrong = 0
        points =
            scores.indices.groupBy { scores[it] }.toSortedMap(reverseOrder()).map { (threshold, items) ->
                found += items.count { truth[it] }
                wrong += items.count { !truth[it] }
                Point(threshold, found + wrong, found.toDouble() / positives, wrong.toDouble() / negatives)
            }
    }

    private val curve = listOf(0.0 to 0.0) + points.map { it.falsePositiveRate to it.truePositiveRate }

    /**
     * Area under the curve: the probability that a true item has a higher score than another one, where equal scores count
     * half.
     */
    public val area: Double = Trapezoids.area(curve)

    /**
     * Returns the highest share of true items that can be found if at most a share [falsePositives] of the others is taken
     * for true, on the straight lines between points.
     */
    public fun truePositiveRate(falsePositives: Double): Double {
        val after = curve.indexOfFirst { it.first > falsePositives }
        if (after < 0) return curve.last().second
        val (x0, y0) = curve[after - 1]
        val (x1, y1) = curve[after]
        return y0 + (y1 - y0) * (falsePositives - x0) / (x1 - x0)
    }
}
