package dev.kausal.experiments.construction.rasp

import dev.kausal.experiments.construction.Circuit
import dev.kausal.experiments.construction.Space

/**
 * The neurons of one layer's MLP.
 *
 * @param taken number of neurons in use, by layer
 * @param reading the dimension of a value of a variable
 */
internal class Neurons(
    private val circuit: Circuit,
    private val layer: Int,
    private val taken: MutableMap<Int, Int>,
    private val reading: (Categorical, Any) -> Int,
) {
    /** Adds the neurons that compute [variable]. */
    fun write(
        variable: Variable,
        space: (Variable) -> Space,
    ): Unit =
        when (variable) {
            is Mapped -> table(variable, space)
            is Thresholds -> steps(variable, space)
            else -> error("$variable is computed by no MLP")
        }

    /** One neuron for each combination of values, which is 1 in rows with all of them and 0 in others. */
    private fun table(
        variable: Mapped,
        space: (Variable) -> Space,
    ) {
        val to = space(variable)
        for ((values, result) in variable.table) {
            val inputs = variable.inputs.map { it as Categorical }
            val reads = inputs.zip(values) { input, value -> reading(input, value) to 2f }.toMap()
            val centred = inputs.map { 2f / space(it).size }.sum()
            add(reads, centred - (2 * inputs.size - 1), to.direction(variable.domain.indexOf(result)))
        }
    }

    /** Two neurons for each step, whose difference rises from 0 to 1 in the middle third between two sums. */
    private fun steps(
        variable: Thresholds,
        space: (Variable) -> Space,
    ) {
        val to = space(variable)

        fun direction(value: Any) = to.direction(variable.domain.indexOf(value))
        add(emptyMap(), 1f, direction(variable.lowest))
        for (step in variable.steps) {
            val third = (step.high - step.low) / 3
            val slope = 1 / third
            val reads = variable.inputs.indices.associate {
                space(variable.inputs[it])[0] to (slope * variable.weight(it)).toFloat()
            }
            val before = direction(step.before)
            val change = direction(step.after).mapValues { (dimension, value) -> value - before.getValue(dimension) }
            add(reads, (-slope * (step.low + third)).toFloat(), change)
            add(reads, (-slope * (step.high - third)).toFloat(), change.mapValues { -it.value })
        }
    }

    private fun add(
        reads: Map<Int, Float>,
        bias: Float,
        writes: Map<Int, Float>,
    ): Unit = circuit.neuron(layer, taken.merge(layer, 1, Int::plus)!! - 1, reads, bias, writes)

    companion object {
        /** Returns how many neurons compute [variable]. */
        fun count(variable: Variable): Int =
            when (variable) {
                is Mapped -> variable.table.size
                is Thresholds -> 1 + 2 * variable.steps.size
                else -> 0
            }
    }
}
