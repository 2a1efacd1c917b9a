package dev.kausal.dsl

import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.DirectionControl
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.PartSpec
import dev.kausal.spec.StrengthUnit

/** A site that every layer has for each of its heads; with a head it is a hook point. */
public class HeadsSite internal constructor(
    private val name: String,
    internal val kind: HookKind,
) {
    internal fun of(head: Head): Address = Address(kind, head.layer, PartSpec.Head(head.index))

    override fun toString(): String = name
}

/** The heads' outputs before W_O, `z`. */
public val headZ: HeadsSite = HeadsSite("headZ", HookKind.Z)

/** Fits the difference of the classes' means. */
public val meanDifference: DirectionFit = DirectionFit.MeanDifference

/** Fits the first principal component of the differences within contrasts, not centred. */
public val principalDifference: DirectionFit = DirectionFit.PrincipalDifference

/** Fits the first principal component of the activations of both classes. */
public val principalComponent: DirectionFit = DirectionFit.PrincipalComponent

/** Fits a logistic regression: the weights of a probe. */
public val logistic: DirectionFit = DirectionFit.Logistic

/** Strength in units of the fitted difference: 1 moves from the mean of one class to that of the other. */
public val classDifference: StrengthUnit = StrengthUnit.Difference

/** Strength in units of the mean norm of the activations that the direction was fitted to. */
public val activationNorm: StrengthUnit = StrengthUnit.ActivationNorm

/** Strength in the units of the activations: the direction has norm 1. */
public val unitNorm: StrengthUnit = StrengthUnit.Absolute

/**
 * A fitted direction at one site, for [steer], [ablate] and [patch]. Each example of the set that it is fitted on gets the direction
 * that was fitted on the half without it.
 */
public class Direction internal constructor(
    private val fitted: VectorSource.Fitted,
) : Vector(fitted) {
    internal val address: Address get() = fitted.address

    /** Returns a random direction of the same length, as a control: another one for each seed and site. */
    public fun random(seed: Long): Direction =
        Direction(fitted.copy(control = DirectionControl.Random(seed)))

    /**
     * Returns a direction fitted in the same way after half of each class is exchanged with [seed], as a control: what chance fits, at
     * its own length.
     */
    public fun shuffled(seed: Long): Direction =
        Direction(fitted.copy(control = DirectionControl.Shuffled(seed)))

    /**
     * Returns the direction fitted on halves that are drawn with [seed], so that a sweep over several seeds shows how much depends on
     * the examples that it was fitted on. Prompts of other groups get the same direction for each seed.
     */
    public fun split(seed: Long): Direction = Direction(fitted.copy(split = seed))

    internal fun inUnit(unit: StrengthUnit) = Direction(fitted.copy(unit = unit))

    override fun toString(): String = "${fitted.direction} at ${address.text}"
}

/** The result of [direction]: a direction for each layer. */
public class DirectionHandle internal constructor(
    override val name: String,
    private val site: StreamSite,
) : GridHandle() {
    /** Returns the direction of [layer]. */
    public fun at(layer: Layer): Direction = at(layer.index)

    /** Returns the direction of layer [layer], counted from 0. */
    public fun at(layer: Int): Direction = Direction(VectorSource.Fitted(name, site.of(layer)))
}

/** The result of [direction]: a direction for each head. */
public class HeadDirectionHandle internal constructor(
    override val name: String,
    private val site: HeadsSite,
) : GridHandle() {
    /** Returns the direction of [head]. */
    public fun at(head: Head): Direction = Direction(VectorSource.Fitted(name, site.of(head)))
}
