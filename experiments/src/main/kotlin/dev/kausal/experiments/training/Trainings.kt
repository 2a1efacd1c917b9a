package dev.kausal.experiments.training

import dev.kausal.experiments.construction.rasp.Program
import dev.kausal.experiments.construction.rasp.Programs

/** The models that `kausal train` can make. */
internal object Trainings {
    /** The programs that models are trained to compute. */
    val programs: List<Program> = listOf(Programs.reverse, Programs.inhibit)

    /** All trainings. */
    val all: List<Training> =
        listOf(FactTraining(), EncoderTraining(), DigitTraining()) +
            programs.map(::InterchangeTraining)

    /** Returns the training called [name]. */
    fun named(name: String): Training =
        all.find { it.name == name } ?: throw UnknownTrainingException(name, all.map { it.name })
}
