package dev.kausal.experiments.training

import dev.kausal.engine.config.Parameter
import dev.kausal.engine.model.Checkpoint
import dev.kausal.engine.weights.SafetensorsWriter.Tensor
import java.util.Random
import kotlin.math.sqrt

/**
 * Initial weights: gains 1, biases 0, the rest normal. Weights that write to the residual stream are scaled down with
 * the number of layers (Radford et al. 2019).
 */
internal object FirstWeights {
    private const val TABLE = 0.05

    fun of(
        checkpoint: Checkpoint,
        seed: Long,
    ): List<Tensor> {
        val random = Random(seed)
        return checkpoint.slots().map { slot ->
            val size = slot.shape().fold(1L, Long::times).toInt()
            val parameter = slot.parameter()
            val values =
                when {
                    parameter.name.endsWith("GAIN") -> FloatArray(size) { 1f }
                    parameter.name.endsWith("BIAS") -> FloatArray(size)
                    else -> normal(size, deviation(checkpoint, parameter), random)
                }
            Tensor(slot.name(), slot.shape(), values)
        }
    }

    private fun normal(
        size: Int,
        deviation: Double,
        random: Random,
    ) = FloatArray(size) { (random.nextGaussian() * deviation).toFloat() }

    private fun deviation(
        checkpoint: Checkpoint,
        parameter: Parameter,
    ): Double {
        val shape = parameter.shape(checkpoint.config())
        if (parameter in tables) return TABLE
        val fan = 0.7 / sqrt(shape.first().toDouble())
        return if (parameter in writers) fan / sqrt(2.0 * checkpoint.config().layers()) else fan
    }

    private val tables =
        setOf(Parameter.EMBED, Parameter.POSITION_EMBED, Parameter.CLASS_TOKEN, Parameter.UNEMBED)
    private val writers = setOf(Parameter.OUTPUT, Parameter.MLP_OUT)
}
