package dev.kausal.experiments.training

import dev.kausal.engine.errors.KausalException
import java.nio.file.Path

/** The requested folder holds a checkpoint of another training. */
internal class OtherTrainingException(
    val folder: Path,
    val training: String,
    val step: Int,
) : KausalException(
        Blame.USER,
        "$folder holds a checkpoint of another training: $training after step $step, with other settings. " +
            "Use the settings of that training, or another --out.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A loss that is no longer finite. */
internal class TrainingDivergedException(
    val step: Int,
) : KausalException(
        Blame.USER,
        "The loss is no longer finite at step $step. Use another --seed; the last checkpoint is kept.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A request to stop the process. */
internal class TrainingInterruptedException(
    val step: Int,
) : KausalException(Blame.MACHINE, "Stopped after step $step. The same command continues from there.") {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** No training of that name. */
internal class UnknownTrainingException(
    val name: String,
    val known: List<String>,
) : KausalException(
        Blame.USER,
        "There is no training called '$name'. Choose one of ${known.joinToString()}.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The files of a checkpoint differ from those that the training wrote. */
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
