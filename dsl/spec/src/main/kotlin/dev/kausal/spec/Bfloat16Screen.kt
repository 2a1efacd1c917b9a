package dev.kausal.spec

import kotlinx.serialization.Serializable

/**
 * A sweep whose cells are all computed in bfloat16, and those that decide something again in float32: the [top] largest
 * mean changes in either direction, and every cell whose rank among these, sign or significance could be another in
 * float32.
 */
@Serializable
public data class Bfloat16ScreenSpec(
    val top: Int = TOP,
) {
    public companion object {
        /** Number of largest cells unless said otherwise. */
        public const val TOP: Int = 20
    }
}

/**
 * Which cells of a sweep are in float32, and how far bfloat16 is from it there. Changes are means over examples of the
 * plain metric minus that of the unedited run; cells are indices of the grid. The numbers of other cells are the
 * unedited run's in float32 plus the change in bfloat16.
 *
 * @property top the cells with the largest changes, largest first
 * @property undecided other cells in float32, in the grid's order
 * @property bfloat16 changes of [top] and then of [undecided] in bfloat16
 * @property float32 the same changes in float32, which the result has
 * @property largest largest difference of the two
 * @property largestOfExamples largest difference in one example
 */
@Serializable
public data class Bfloat16Screening(
    val top: List<Int>,
    val undecided: List<Int>,
    val bfloat16: List<Double?>,
    val float32: List<Double?>,
    val largest: Double,
    val largestOfExamples: Double,
) {
    /** All cells in float32. */
    public val cells: List<Int> get() = top + undecided
}
