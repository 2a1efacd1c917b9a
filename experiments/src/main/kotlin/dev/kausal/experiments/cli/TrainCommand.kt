package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.long
import com.github.ajalt.clikt.parameters.types.path
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.kausal.experiments.training.Trainer
import dev.kausal.experiments.training.Trainings
import java.nio.file.Path
import kotlin.io.path.exists

/** `kausal train`. */
internal class TrainCommand(
    private val session: Session,
) : CliktCommand("train") {
    private val name by argument("NAME", help = "An embedded model: ${Trainings.all.joinToString { it.name }}")
    private val out: Path by option("--out", metavar = "DIR", help = "Folder of the model, new or with a checkpoint")
        .path()
        .required()
    private val steps: Int? by option("--steps", metavar = "N", help = "Number of steps; default: the model's own")
        .int()
        .restrictTo(min = 1)
    private val seed: Long? by option("--seed", metavar = "N", help = "Seed of the initial weights and the data").long()

    override fun help(context: Context): String =
        "Retrains an embedded model: weights, card and loss curve. After an interruption, the same command continues."

    override fun run() {
        val training = Trainings.named(name)
        val own = training.schedule
        val schedule = own.copy(steps = steps ?: own.steps, seed = seed ?: own.seed)
        val folder = progressOn(session).use { Trainer(training, schedule, out, it).run() }
        session.console.say("model   $folder")
        // A folder with a finished model has none: nothing was trained.
        folder.resolve("training.html").takeIf { it.exists() }?.let { session.console.say("report  $it") }
    }
}
