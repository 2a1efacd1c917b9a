package dev.kausal.dsl.mistakes

/** Cells cannot be estimated from gradients as written. */
public sealed interface EstimateMistake : Mistake.DeclarationMistake {
    public data class NoGradient(
        override val line: Int?,
        val metric: String,
        val ofScript: Boolean,
        val ofEdges: Boolean = false,
    ) : EstimateMistake

    public data class FlatMetric(override val line: Int?, val metric: String) : EstimateMistake

    public data class PathLengths(
        override val line: Int?,
        val contrast: String,
        val from: Int,
        val to: Int,
        val others: Int = 0,
    ) : EstimateMistake

    /**
     * Sizes without a sign where a sign is needed.
     *
     * @property needs what needs it
     * @property instead metric, or argument, to use; null to leave the rule out
     */
    public data class NoSign(
        override val line: Int?,
        val needs: String,
        val instead: String?,
    ) : EstimateMistake

    public data class ExactOfExact(override val line: Int?) : EstimateMistake
}
