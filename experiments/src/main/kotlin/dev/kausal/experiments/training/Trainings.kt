package dev.kausal.experiments.training

import dev.kausal.experiments.construction.rasp.Programs

/** The models that `kausal train` can make. */
internal object Trainings {
    val all: List<Training> =
        listOf(FactTraining(), EncoderTraining(), DigitTraining()) +
            listOf(Programs.reverse, Programs.inhibit).map(::InterchangeTraining)

    /** Returns the training called [name]. */
    fun named(name: String): Training =
        all.find { it.name == name } ?: throw UnknownTrainingException(name, all.map { it.name })
}
