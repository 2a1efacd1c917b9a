package dev.kausal.spec

/** The range of possible values, from [low] to [high]: figure scales do not extend beyond it. */
public data class ValueRange(
    val low: Double,
    val high: Double,
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

        /** Correlations. */
        public val CORRELATION: ValueRange = ValueRange(-1.0, 1.0)
    }
}
