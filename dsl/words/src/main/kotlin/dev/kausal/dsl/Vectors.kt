package dev.kausal.dsl

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DirectionControl
import dev.kausal.spec.StrengthUnit

/** A vector per example, for [add], [replace], [steer] and others to use at each position. */
public open class Vector internal constructor(
    internal val source: VectorSource,
)

internal sealed interface VectorSource {
    class Given(
        val values: FloatArray,
    ) : VectorSource

    class ByExample(
        val of: (Example) -> FloatArray,
    ) : VectorSource

    class Random(
        val norm: Double,
        val seed: Long?,
    ) : VectorSource

    /**
     * Fitted by the analysis called [direction] at [address].
     *
     * @property trained if not null, it is vector number [number] of a trained subspace
     */
    data class Fitted(
        val direction: String,
        val address: Address,
        val unit: StrengthUnit = StrengthUnit.Difference,
        val control: DirectionControl? = null,
        val trained: TrainedLayers? = null,
        val number: Int = 0,
        val split: Long? = null,
    ) : VectorSource
}

/** An example, as a vector's function sees it. */
public class Example internal constructor(
    private val contrast: ContrastSpec,
) {
    /** Its label in results. */
    public val label: String get() = contrast.label

    /** Texts of its clean prompt's tokens. */
    public val tokens: List<String> get() = contrast.clean.tokens

    /** Its answer; null if it has none. */
    public val answer: String? get() = contrast.answer?.text

    /** Its foil; null if it has none. */
    public val foil: String? get() = contrast.foil?.text

    override fun toString(): String = label
}

/**
 * Returns the vector [values] for every example. It needs as many numbers as the site has units at a position, head by
 * head.
 */
public fun vector(values: FloatArray): Vector = Vector(VectorSource.Given(values.copyOf()))

/**
 * Returns a vector of its own for each example: the result of [of], as many finite numbers as the site has units at a
 * position. [of] is called once for each example of each sweep, before the model runs, and the spec stores the results
 * by label, so that labels must be unique.
 */
public fun vector(of: (Example) -> FloatArray): Vector = Vector(VectorSource.ByExample(of))

/**
 * Returns a vector of Euclidean norm [norm] in a random direction: another one for each prompt and hook point, and for
 * each draw of a noised run. The same prompt, hook point and seed have the same vector in every sweep, whatever else
 * runs.
 *
 * @param seed of the direction; the experiment's seed if null
 */
public fun randomVector(
    norm: Double,
    seed: Long? = null,
): Vector = Vector(VectorSource.Random(norm, seed))
