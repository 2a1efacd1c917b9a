package dev.kausal.spec

/**
 * The range of possible values, from [low] to [high]: figure scales do not extend beyond it.
 *
 * @property neutral value that means nothing, such as that of chance: the neutral colour of maps
 */
public data class ValueRange(
    val low: Double,
    val high: Double,
    val neutral: Double = 0.0,
) {
    public companion object {
        /** Any number. */
        public val ANY: ValueRange = ValueRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)

        /** Divergences, norms, counts and entropies. */
        public val NOT_NEGATIVE: ValueRange = ValueRange(0.0, Double.POSITIVE_INFINITY)

        /** Logarithms of probabilities. */
        public val NOT_POSITIVE: ValueRange = ValueRange(Double.NEGATIVE_INFINITY, 0.0)

        /** Probabilities and shares. */
        public val SHARE: ValueRange = ValueRange(0.0, 1.0)

        /** Shares that are a half by chance: AUROC, and accuracy of telling two classes apart. */
        public val OF_TWO_CLASSES: ValueRange = ValueRange(0.0, 1.0, neutral = 0.5)

        /** Correlations. */
        public val CORRELATION: ValueRange = ValueRange(-1.0, 1.0)
    }
}
