package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.tensor.Precision
import dev.kausal.spec.Bfloat16ScreenSpec
import dev.kausal.spec.SweepSpec

/**
 * Precision of a run.
 *
 * @property word its name on the command line
 * @property products precision of the model's products with weights
 */
public enum class RunPrecision(
    public val word: String,
    internal val products: Precision,
) {
    /** All in float32. */
    Float32("float32", Precision.FLOAT32),

    /** All in bfloat16. */
    Bfloat16("bfloat16", Precision.BFLOAT16),

    /** Sweeps in bfloat16, and again in float32 where cells decide something; all else in float32. */
    Screen("screen", Precision.FLOAT32),
    ;

    /** Returns [bound] with sweeps that are screened, if this asks for it. */
    internal fun applied(bound: BoundExperiment): BoundExperiment {
        if (this != Screen) return bound
        val analyses = bound.spec.analyses.map { analysis ->
            if (analysis is SweepSpec && analysis.by == null) analysis.copy(screen = Bfloat16ScreenSpec()) else analysis
        }
        return bound.with(bound.spec.copy(analyses = analyses))
    }

    /**
     * Says how products are computed here; null for float32.
     *
     * @param beside bytes of the weights in the other precision
     */
    internal fun text(beside: Long): String? =
        when (this) {
            Float32 -> {
                null
            }

            Bfloat16 -> {
                "${bfloat16Text()} Some unedited runs are compared with float32, whose weights are read layer by " +
                    "layer (${beside / MEGA} MB more at a time)."
            }

            Screen -> {
                "Sweeps are computed in bfloat16, and in float32 again where cells decide something, so weights are " +
                    "in memory in both (${beside / MEGA} MB more). ${bfloat16Text()}"
            }
        }

    internal companion object {
        private const val MEGA = 1_000_000L

        /** Returns the precision of products in a bundle; null if this version has none of that name. */
        fun products(dtype: String): Precision? = Precision.entries.find { it.word() == dtype }
    }
}
