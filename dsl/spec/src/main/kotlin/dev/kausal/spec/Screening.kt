package dev.kausal.spec

import kotlinx.serialization.Serializable

/**
 * Which cells of an estimated sweep are computed exactly: the [top] with the largest estimated mean change in either
 * direction, and a random [sample] of the others, spread over layers and kinds of sites.
 */
@Serializable
public data class ScreeningSpec(
    val top: Int,
    val sample: Int = SAMPLE,
) {
    public companion object {
        /** Cells that are sampled unless the script says otherwise: with none above, at most 12 % of the others are. */
        public const val SAMPLE: Int = 24
    }
}

/**
 * How far estimates of a screened sweep are from exact numbers. Changes are means over examples of the plain metric
 * minus that of the unedited run; cells are indices of the grid.
 *
 * @property top cells with the largest estimates, largest first
 * @property sampled random cells of the others, in the grid's order
 * @property others number of cells that are not in [top], [sampled] included
 * @property estimated estimated changes of [top] and then of [sampled]
 * @property exact exact changes, in the same order
 * @property ofSample agreement in the random sample, which speaks for all cells outside of [top]
 * @property ofTop agreement among the cells of [top]
 * @property missed what the sample says of large effects outside of [top]; null without a sample
 */
@Serializable
public data class Screening(
    val top: List<Int>,
    val sampled: List<Int>,
    val others: Int,
    val estimated: List<Double?>,
    val exact: List<Double?>,
    val ofSample: Agreement,
    val ofTop: Agreement,
    val missed: Missed? = null,
)

/**
 * How estimated changes agree with exact ones.
 *
 * @property cells number of cells with both
 * @property rankCorrelation Spearman's, of the sizes of changes; null if there are too few cells, or all tie
 * @property sameSign number of cells in which both have the same sign, zeros apart
 * @property signs number of cells in which neither is 0; 0 if estimates have no sign
 * @property slope exact change per estimated one, by least squares through the origin; null if all estimates are 0, or have no sign
 */
@Serializable
public data class Agreement(
    val cells: Int,
    val rankCorrelation: Double? = null,
    val sameSign: Int = 0,
    val signs: Int = 0,
    val slope: Double? = null,
)

/**
 * A bound on the cells with large effects that are not in the top, from the random sample of them: Clopper and
 * Pearson's one-sided, which with none above in n is 1 − (1 − level)^(1/n).
 *
 * @property threshold the smallest exact change of the top's cells, in absolute terms, or what rounding alone may be if that is larger
 * @property above number of sampled cells whose exact change is larger
 * @property of number of sampled cells
 * @property share at most this share of the cells outside of the top has a larger one, at the level
 */
@Serializable
public data class Missed(
    val threshold: Double,
    val above: Int,
    val of: Int,
    val share: Double,
    val level: Double,
)
