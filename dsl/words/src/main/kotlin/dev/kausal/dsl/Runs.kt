package dev.kausal.dsl

import dev.kausal.spec.RunSpec

/** A run of a contrast, which interventions read from and edit. */
public sealed class Run {
    internal abstract fun toSpec(seed: Long): RunSpec

    /** The run without interventions on the same prompt. */
    internal open val input: Run get() = this

    /**
     * Returns the same run with [changes] made to it, for patches to read:
     * `patch(from = clean.with(ablate(head)), to = clean, site)`. It is not edited or shown itself.
     */
    public open fun with(changes: Intervention): Run = EditedRun(this, changes)
}

/** [input], which has no changes, with [changes]. */
internal class EditedRun(
    override val input: Run,
    val changes: Intervention,
) : Run() {
    override fun toSpec(seed: Long): RunSpec = input.toSpec(seed)

    override fun with(changes: Intervention): Run = EditedRun(input, this.changes + changes)

    override fun toString(): String = "$input with changes"
}

internal data object CleanRun : Run() {
    override fun toSpec(seed: Long): RunSpec = RunSpec.Clean

    override fun toString(): String = "clean"
}

internal data object CorruptedRun : Run() {
    override fun toSpec(seed: Long): RunSpec = RunSpec.Corrupted

    override fun toString(): String = "corrupted"
}

internal data class NoisedRun(
    val span: Place,
    val sigmas: Double,
    val samples: Int,
    val seed: Long?,
    val of: Inputs<*>? = null,
    val deviation: Double? = null,
) : Run() {
    override fun toSpec(seed: Long): RunSpec =
        RunSpec.Noised(span.toSpec(), sigmas, samples, this.seed ?: seed, of?.name, deviation, of?.label)

    override fun toString(): String = "noise($span)"
}

/** The run of the clean prompt. */
public val clean: Run = CleanRun

/** The run of the corrupted prompt. */
public val corrupted: Run = CorruptedRun

/**
 * Returns the clean prompt with Gaussian noise on the embeddings of [span]: a corrupted run without a second prompt
 * (causal tracing, Meng et al. 2022).
 *
 * @param sigmas standard deviation of the noise, in units of [deviation]
 * @param samples number of draws of noise that values are averaged over
 * @param seed seed of the draws; if null, the experiment's seed, or 0 if it sets none
 * @param of set whose clean subjects' embeddings define the unit: all of it, whatever filters keep and whether or not
 *   an analysis uses it. If null, the analysis's own set
 * @param deviation the unit itself, instead of the standard deviation over all elements of the embeddings of those
 *   subjects' tokens (of whole prompts if no subject is marked)
 */
public fun noise(
    span: Place,
    sigmas: Double = 3.0,
    samples: Int = 10,
    seed: Long? = null,
    of: Inputs<*>? = null,
    deviation: Double? = null,
): Run = NoisedRun(span, sigmas, samples, seed, of, deviation)
