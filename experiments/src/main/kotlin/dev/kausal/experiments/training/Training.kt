package dev.kausal.experiments.training

import dev.kausal.engine.config.Input
import dev.kausal.engine.gradients.Objective
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.training.Interchange
import java.nio.file.Path
import kotlin.math.PI
import kotlin.math.cos

/**
 * Duration and learning rate of a training.
 *
 * @property steps number of optimiser steps
 * @property peak highest learning rate
 * @property warmUp number of steps in which the rate rises to its peak, before falling to 0 as a half cosine
 * @property decay weight decay
 * @property seed seed of all random numbers
 */
internal data class Schedule(
    val steps: Int,
    val peak: Double,
    val warmUp: Int,
    val decay: Double,
    val seed: Long,
) {
    /** Returns the learning rate of a step, counted from 0. */
    fun rate(step: Int): Double =
        if (step < warmUp) {
            peak * (step + 1) / warmUp
        } else {
            peak * (1 + cos(PI * (step - warmUp) / maxOf(1, steps - warmUp))) / 2
        }
}

/**
 * The training data of one step.
 *
 * @property inputs inputs, sorted by length
 * @property interchanges interventions that are made while they run
 */
internal class Batch(
    val inputs: List<Input>,
    val objective: Objective,
    val interchanges: List<Interchange> = emptyList(),
)

/** A model that Kausal can train. */
internal interface Training {
    /** Name, also in `embedded:NAME`. */
    val name: String

    /** One line for users. */
    val description: String

    /** SPDX name of the licence of the weights. */
    val licence: String

    /** config.json in Hugging Face's layout. */
    val config: String

    /** Default settings of the training. */
    val schedule: Schedule

    /** Writes the model's files besides its weights, such as a tokenizer; returns their names. */
    fun furnish(folder: Path): List<String>

    /** Writes files that accompany the finished model in [folder], such as pictures that it was not trained on. */
    fun accompany(
        folder: Path,
        progress: (String) -> Unit,
    ): Unit = Unit

    /** Opens the data for a model in [folder], after [furnish]. */
    fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData
}

/** Training batches, and evaluation of a model. */
internal interface TrainingData : AutoCloseable {
    /** Returns the batch of a step, the same for the same step and seed, whatever came before. */
    fun batch(step: Int): Batch

    /** Returns a figure between 0 and 1 that is cheap enough to track during training. */
    fun probe(model: HookedModel): Double

    /** Description of what [probe] measures. */
    val probes: String

    /** Returns the figures of the model's card. */
    fun figures(model: HookedModel): Map<String, Double>
}
