package dev.kausal.experiments.training

import dev.kausal.engine.errors.KausalException
import java.nio.file.Path

/** A checkpoint of another training in the folder that was asked for. */
internal class OtherTrainingException(
    val folder: Path,
    val training: String,
    val step: Int,
) : KausalException(
        Blame.USER,
        "$folder holds a checkpoint of another training: $training after step $step, with other settings. " +
            "Give the settings that it was begun with, or another --out.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A loss that is no number any more. */
internal class TrainingDivergedException(
    val step: Int,
) : KausalException(
        Blame.USER,
        "The loss is no finite number any more at step $step. Give another --seed; the last checkpoint is kept.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The process was asked to stop. */
internal class TrainingInterruptedException(
    val step: Int,
) : KausalException(Blame.MACHINE, "Stopped after step $step. The same command goes on from there.") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** No model of that name can be trained here. */
internal class UnknownTrainingException(
    val name: String,
    val known: List<String>,
) : KausalException(
        Blame.USER,
        "There is no training called '$name'. Trainings: ${known.joinToString()}.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The files of a checkpoint are not those that the training wrote. */
internal class CheckpointDamagedException(
    val folder: Path,
) : KausalException(
        Blame.MACHINE,
        "The checkpoint in $folder is damaged: the SHA-256 of its files are not those in its SHA256SUMS. Remove that " +
            "folder to train from the start.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
