package dev.kausal.run.inputs

import java.util.Random

/**
 * Every seed that a run derives from one of the spec: from a seed and what it is for, so that a number drawn does not depend on
 * what else is drawn. Published numbers rest on these formulas.
 */
internal object Seeds {
    private const val SPREAD = 1_000_003L
    private const val SMALL = 31
    private const val BY_EXAMPLE = 7_919L
    private const val BY_DRAW = 104_729L

    /** The seed of [number] among those of one purpose. */
    private fun derive(
        seed: Long,
        number: Long,
    ): Long = seed * SPREAD + number

    /** Of draw [draw] of noise on a prompt of these [tokens]: the same in every set, sweep and capture. */
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

    /** Of draw [draw] of a random vector at [site] of a prompt of these [tokens]: the same in every sweep. */
    fun vector(
        seed: Long,
        tokens: List<Int>,
        site: String,
        draw: Int,
    ): Long = noise(derive(seed, site.hashCode().toLong()), tokens, draw)

    /** Of a random move: another direction for each [example], [draw] of noise and [token]. */
    fun randomMove(
        seed: Long,
        example: Int,
        draw: Int,
        token: Int,
    ): Long = Random(derive(seed, (example * BY_EXAMPLE + draw) * BY_DRAW + token)).nextLong()

    /** Of the bootstrap and the permutations of the result called [name]. */
    fun resampling(
        seed: Long,
        name: String,
    ): Long = derive(seed, name.hashCode().toLong())

    /** Of the choice of a donor for [example] of a resampling. */
    fun donor(
        seed: Long,
        example: Int,
    ): Long = seed * SMALL + example

    /** Of the patches that are taken out of [image] at random. */
    fun patches(
        seed: Long,
        image: Int,
    ): Long = seed * SMALL + image

    /** Of the random directions that control the sweep called [name]. */
    fun directions(
        seed: Long,
        name: String,
    ): Long = seed + name.hashCode()
}
