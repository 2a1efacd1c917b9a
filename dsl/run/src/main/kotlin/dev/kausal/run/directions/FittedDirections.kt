package dev.kausal.run.directions

import dev.kausal.run.inputs.Seeds
import dev.kausal.spec.DirectionControl
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.StrengthUnit
import dev.kausal.spec.VectorSpec
import dev.kausal.spec.group
import java.util.Random

/** A vector fitted on all examples, and on the examples outside of each half. */
internal class HeldOutVector(
    val whole: DoubleArray,
    val outside: List<DoubleArray>,
) {
    /** Returns each of the three, changed by [change]. */
    fun map(change: (DoubleArray) -> DoubleArray) = HeldOutVector(change(whole), outside.map(change))
}

/**
 * Directions fitted at each hook point of [spec].
 *
 * @param labelled the activations
 * @param halves halves of the examples
 */
internal class FittedDirections(
    private val spec: LabelledVectorsSpec,
    private val fit: DirectionFit,
    private val labelled: LabelledVectors,
    private val halves: Halves,
) {
    private val pairs = labelled.prompts.map { it.example }
    private val isFirst = labelled.prompts.map { it.isFirst }

    /** The half of each prompt. */
    val half: List<Int> = pairs.map { halves.of.getValue(labelled.examples[it].group(halves.by)) }

    /** The directions of each cell. */
    val cells: List<HeldOutVector> = labelled.vectors.map { fitted(TwoClasses(it, isFirst, pairs)) }

    /** Returns the directions fitted on other [halves] of the same examples. */
    fun on(halves: Halves) = FittedDirections(spec, fit, labelled, halves)

    private fun fitted(classes: TwoClasses): HeldOutVector {
        val outside = List(2) { own -> classes.at(half.indices.filter { half[it] != own }).direction(fit) }
        return HeldOutVector(classes.direction(fit), outside)
    }

    /** Returns the mean norm of the activations of [cell]. */
    fun activationNorm(cell: Int): Double = labelled.vectors[cell].map(::norm).average()

    /** Returns the vector that [vector] comes to. */
    fun resolved(vector: VectorSpec.Fitted): VectorSpec.HeldOut {
        val own = cells[vector.cell]
        val controlled = vector.control?.let { control(vector.cell, it) } ?: own
        val typical = activationNorm(vector.cell)
        val scaled = controlled.map { it.inUnit(vector.unit, typical) }
        return VectorSpec.HeldOut(scaled.whole.floats(), halves.by, halves.of, scaled.outside.map { it.floats() })
    }

    private fun control(
        cell: Int,
        control: DirectionControl,
    ): HeldOutVector =
        when (control) {
            is DirectionControl.Random -> {
                val random = Random(Seeds.direction(control.seed, spec.points[cell].toString()))
                val drawn = DoubleArray(cells[cell].whole.size) { random.nextGaussian() }
                cells[cell].map { drawn.ofNorm(norm(it)) }
            }

            is DirectionControl.Shuffled -> {
                fitted(TwoClasses(labelled.vectors[cell], evenlyShuffled(isFirst, pairs, half, control.seed), pairs))
            }
        }
}

internal fun DoubleArray.ofNorm(length: Double): DoubleArray {
    val own = norm(this)
    return if (own == 0.0) this else DoubleArray(size) { this[it] * length / own }
}

internal fun DoubleArray.inUnit(
    unit: StrengthUnit,
    typical: Double,
): DoubleArray =
    when (unit) {
        StrengthUnit.Difference -> this
        StrengthUnit.ActivationNorm -> ofNorm(typical)
        StrengthUnit.Absolute -> ofNorm(1.0)
    }

internal fun DoubleArray.floats(): List<Float> = map { it.toFloat() }
