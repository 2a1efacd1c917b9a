package dev.kausal.run.inputs

import java.util.Random

/**
 * Every seed that a run derives from a seed of the spec, by purpose, so that a random number does not depend on what
 * else is drawn. Published numbers rely on these formulas.
 */
internal object Seeds {
    private const val SPREAD = 1_000_003L
    private const val SMALL = 31
    private const val BY_EXAMPLE = 7_919L
    private const val BY_DRAW = 104_729L

    /** Returns the seed of [number] for one purpose. */
    private fun derive(
        seed: Long,
        number: Long,
    ): Long = seed * SPREAD + number

    /**
     * Returns the seed of draw [draw] of noise on a prompt of these [tokens], the same in every set, sweep and capture.
     */
    fun noise(
        seed: Long,
        tokens: List<Int>,
        draw: Int,
    ): Long = Random(
        derive(
            tokens.fold(seed) { mixed, token ->
                derive(mixed, token.toLong())
            },
            draw.toLong(),
        ),
    ).nextLong()

    /**
     * Returns the seed of draw [draw] of a random vector at [site] on a prompt of these [tokens], the same in every
     * sweep.
     */
    fun vector(
        seed: Long,
        tokens: List<Int>,
        site: String,
        draw: Int,
    ): Long = noise(derive(seed, site.hashCode().toLong()), tokens, draw)

    /** Returns the seed of draw [draw] of a text after a prompt of these [tokens], the same in every variant. */
    fun text(
        seed: Long,
        tokens: List<Int>,
        draw: Int,
    ): Long = noise(derive(seed, "text".hashCode().toLong()), tokens, draw)

    /** Returns the seed of a random change, different for each [example], [draw] of noise and [token]. */
    fun randomMove(
        seed: Long,
        example: Int,
        draw: Int,
        token: Int,
    ): Long = Random(derive(seed, (example * BY_EXAMPLE + draw) * BY_DRAW + token)).nextLong()

    /** Returns the seed of the bootstrap and the permutations of the result called [name]. */
    fun resampling(
        seed: Long,
        name: String,
    ): Long = derive(seed, name.hashCode().toLong())

    /** Returns the seed of the cells that are drawn to check the estimates of the sweep called [name]. */
    fun screening(
        seed: Long,
        name: String,
    ): Long = derive(seed, name.hashCode() + 1L)

    /** Returns the seed of the choice of a resampling donor for [example]. */
    fun donor(
        seed: Long,
        example: Int,
    ): Long = seed * SMALL + example

    /** Returns the seed of the random patches removed from [image]. */
    fun patches(
        seed: Long,
        image: Int,
    ): Long = seed * SMALL + image

    /** Returns the seed of a random direction in place of the one fitted at [point]. */
    fun direction(
        seed: Long,
        point: String,
    ): Long = derive(seed, point.hashCode().toLong())

    /** Returns the seed of the random directions that control the sweep called [name]. */
    fun directions(
        seed: Long,
        name: String,
    ): Long = seed + name.hashCode()
}
