package dev.kausal.dsl

import dev.kausal.spec.DirectionControl
import dev.kausal.spec.StrengthUnit

/**
 * A trained subspace at one site, for [patch] and [ablate]. Each contrast of the set that it is trained on gets the subspace that was
 * trained on the half without it.
 */
public class Subspace internal constructor(
    private val fitted: VectorSource.Fitted,
    private val rank: Int,
) {
    internal val address: Address get() = fitted.address

    /** Vectors that span it, of norm 1. */
    internal val basis: List<Direction>
        get() = List(rank) { Direction(fitted.copy(number = it, unit = StrengthUnit.Absolute)) }

    /** Returns a random subspace of the same rank, as a control: another one for each seed and site. */
    public fun random(seed: Long): Subspace =
        Subspace(fitted.copy(control = DirectionControl.Random(seed)), rank)

    /**
     * Returns vector number [number] of its basis, counted from 0, as a direction towards the clean prompts, for [steer]. If its rank
     * is above 1, a basis is one of many, and single vectors of it have no meaning of their own.
     */
    public fun direction(number: Int = 0): Direction = Direction(fitted.copy(number = number))

    override fun toString(): String = "${fitted.direction} at ${address.text}"
}

/** The result of [distributedAlignmentSearch]: a subspace for each of its layers. */
public class AlignmentSearchHandle internal constructor(
    override val name: String,
    private val site: StreamSite,
    private val trained: TrainedLayers,
) : GridHandle() {
    /** Returns the subspace of [layer]. */
    public fun at(layer: Layer): Subspace = at(layer.index)

    /** Returns the subspace of layer [layer], counted from 0. */
    public fun at(layer: Int): Subspace =
        Subspace(VectorSource.Fitted(name, site.of(layer), trained = trained), trained.rank)
}

/**
 * The layers that subspaces of [rank] are trained at.
 *
 * @property asked as the script asks for them; null for all
 */
internal data class TrainedLayers(
    val rank: Int,
    val asked: List<Int>?,
)
