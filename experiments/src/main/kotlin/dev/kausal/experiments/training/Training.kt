package dev.kausal.experiments.training

import dev.kausal.engine.config.Input
import dev.kausal.engine.gradients.Objective
import dev.kausal.engine.model.HookedModel
import java.nio.file.Path
import kotlin.math.PI
import kotlin.math.cos

/**
 * How long and how fast a model learns.
 *
 * @property steps of the optimiser
 * @property peak highest learning rate
 * @property warmUp steps in which the rate rises to it; then it falls to 0 as a half cosine
 * @property decay of the weights
 * @property seed of everything that is drawn
 */
internal data class Schedule(
    val steps: Int,
    val peak: Double,
    val warmUp: Int,
    val decay: Double,
    val seed: Long,
) {
    /** The learning rate of a step, counted from 0. */
    fun rate(step: Int): Double =
        if (step < warmUp) {
            peak * (step + 1) / warmUp
        } else {
            peak * (1 + cos(PI * (step - warmUp) / maxOf(1, steps - warmUp))) / 2
        }
}

/**
 * What one step learns from.
 *
 * @property inputs those of equal length together
 */
internal class Batch(
    val inputs: List<Input>,
    val objective: Objective,
)

/** A model that Kausal can train. */
internal interface Training {
    /** Its name, also in `embedded:NAME`. */
    val name: String

    /** One line for people. */
    val description: String

    /** SPDX name of the licence of the weights. */
    val licence: String

    /** config.json in Hugging Face's layout. */
    val config: String

    /** Default settings of the training. */
    val schedule: Schedule

    /** Writes what the model needs beside its weights, such as a tokenizer; returns the files' names. */
    fun furnish(folder: Path): List<String>

    /** Writes what travels beside the finished model in [folder], such as pictures that it was not trained on. */
    fun accompany(
        folder: Path,
        progress: (String) -> Unit,
    ): Unit = Unit

    /** Opens the data for a model in [folder], which is furnished. */
    fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData
}

/** Batches, and what is asked of a model. */
internal interface TrainingData : AutoCloseable {
    /** The batch of a step: the same for the same step and seed, whatever came before. */
    fun batch(step: Int): Batch

    /** A figure between 0 and 1 that is cheap enough to follow while training. */
    fun probe(model: HookedModel): Double

    /** What [probe] measures. */
    val probes: String

    /** The figures of the model's card. */
    fun figures(model: HookedModel): Map<String, Double>
}
