package dev.kausal.run.directions

import dev.kausal.engine.training.RandomBasis
import dev.kausal.run.inputs.Seeds
import dev.kausal.spec.DirectionControl
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.StrengthUnit
import dev.kausal.spec.VectorSpec
import dev.kausal.statistics.dot
import kotlin.math.abs

/**
 * Vectors of trained subspaces, for edits.
 *
 * @param labelled the activations
 * @param half the half of each prompt
 * @param subspaces the subspaces of each cell
 */
internal class TrainedVectors(
    private val spec: LabelledVectorsSpec,
    private val labelled: LabelledVectors,
    private val halves: Halves,
    private val half: List<Int>,
    private val subspaces: List<CellSubspaces>,
) {
    private val isFirst = labelled.prompts.map { it.isFirst }
    private val pairs = labelled.prompts.map { it.example }

    /** Returns the vector that [vector] comes to: as long as the difference of the classes' means along it, unless its unit is another. */
    fun resolved(vector: VectorSpec.Fitted): VectorSpec.HeldOut {
        val classes = TwoClasses(labelled.vectors[vector.cell], isFirst, pairs)
        val outside = List(2) { own -> classes.at(half.indices.filter { half[it] != own }) }
        val trained = subspaces[vector.cell]
        val units = trained.whole.basis().first().size
        val random = (vector.control as? DirectionControl.Random)?.let {
            RandomBasis.of(
                trained.whole.basis().size,
                units,
                Seeds.direction(it.seed, spec.points[vector.cell].toString()),
            )
        }

        fun scaled(
            basis: List<DoubleArray>,
            fittedTo: TwoClasses,
        ): List<Float> {
            val own = basis[vector.number]
            val gap = dot(fittedTo.difference, own)
            val towards = if (gap < 0) own.map { -it }.toDoubleArray() else own
            return when (vector.unit) {
                StrengthUnit.Difference -> towards.ofNorm(abs(gap))
                else -> towards.inUnit(vector.unit, classes.meanNorm)
            }.floats()
        }
        return VectorSpec.HeldOut(
            scaled(random ?: trained.whole.basis(), classes),
            halves.by,
            halves.of,
            outside.mapIndexed { one, fittedTo -> scaled(random ?: trained.outside[one].basis(), fittedTo) },
        )
    }
}
