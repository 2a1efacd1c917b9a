package dev.kausal.experiments.training

import dev.kausal.engine.gradients.WeightGradients
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.Checkpoint
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.engine.training.Adam
import dev.kausal.engine.training.Interchanges
import dev.kausal.engine.weights.SafetensorsWriter.Precision
import dev.kausal.experiments.RunProgress
import dev.kausal.experiments.embedded.ModelCard
import dev.kausal.reports.page.CurvePoint
import dev.kausal.reports.page.TrainingCurve
import java.nio.file.Path
import java.util.Locale
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/**
 * Trains a model into a folder: a checkpoint every [every] steps, from which the same command continues, and finally
 * the weights in 16 bits with their card and the page of the loss curve.
 */
internal class Trainer(
    private val training: Training,
    private val schedule: Schedule,
    private val out: Path,
    private val progress: RunProgress,
    private val every: Int = CHECKPOINT,
) {
    private val state = TrainingState(out)
    private val settings = "$schedule ${training.config}"

    /** Trains, or continues training; returns the model's folder. */
    fun run(): Path {
        out.createDirectories()
        val found = state.read()?.also(::check)
        if (found == null && ModelCard.isIn(out)) {
            progress.note("$out holds a finished model: measuring it again. To retrain, choose another --out.")
            measure()
            return out
        }
        val from = found ?: begin()
        val curve =
            Interrupts().use { interrupts ->
                HookedModel.open(state.folder).use { learn(it, from, interrupts) }
            }
        finish(curve)
        return out
    }

    private fun check(found: Progressed) {
        if (found.training != training.name || found.settings != settings) {
            throw OtherTrainingException(out, found.training, found.step)
        }
        progress.note("continuing after step ${found.step} of ${schedule.steps}")
    }

    private fun begin(): Progressed {
        val start = Progressed(training.name, settings, 0, TrainingCurve(training.name, "", emptyList()))
        state.begin(start, FirstWeights.of(Checkpoint.of(training.config), schedule.seed), ::furnish)
        return start
    }

    private fun furnish(folder: Path) {
        folder.resolve("config.json").writeText(training.config)
        training.furnish(folder)
    }

    private fun learn(
        model: HookedModel,
        from: Progressed,
        interrupts: Interrupts,
    ): TrainingCurve =
        training.data(state.folder, schedule.seed, progress::note).use { data ->
            Adam(model.weights(), schedule.decay).use { adam ->
                state.restore(adam, from.step)
                learn(model, adam, data, from, interrupts)
            }
        }

    private fun learn(
        model: HookedModel,
        adam: Adam,
        data: TrainingData,
        from: Progressed,
        interrupts: Interrupts,
    ): TrainingCurve {
        val points = from.curve.points.toMutableList()
        progress.begin("train ${training.name}", (schedule.steps - from.step).toLong(), "steps")
        val losses = mutableListOf<Double>()
        for (step in from.step until schedule.steps) {
            if (interrupts.asked) stop(step, model, adam, TrainingCurve(training.name, data.probes, points))
            losses += step(model, adam, data.batch(step), schedule.rate(step))
            if (!losses.last().isFinite()) throw TrainingDivergedException(step + 1)
            progress.advance()
            val done = step + 1
            if (done % POINT == 0 || done == schedule.steps) {
                points += CurvePoint(done, losses.average(), probe(done, model, data))
                losses.clear()
            }
            if (done % every == 0 || done == schedule.steps) {
                tell(points.last())
                val curve = TrainingCurve(training.name, data.probes, points.toList())
                state.write(Progressed(training.name, settings, done, curve), model, adam, ::furnish)
            }
        }
        progress.end()
        return TrainingCurve(training.name, data.probes, points)
    }

    private fun stop(
        step: Int,
        model: HookedModel,
        adam: Adam,
        curve: TrainingCurve,
    ) {
        if (step > 0) state.write(Progressed(training.name, settings, step, curve), model, adam, ::furnish)
        throw TrainingInterruptedException(step)
    }

    private fun probe(
        done: Int,
        model: HookedModel,
        data: TrainingData,
    ): Double? = if (done % every == 0 || done == schedule.steps) data.probe(model) else null

    private fun step(
        model: HookedModel,
        adam: Adam,
        batch: Batch,
        rate: Double,
    ): Double =
        Torch.manager().use { manager ->
            val hooks = Hooks(model.points())
            Interchanges.addTo(hooks, model, batch.inputs, batch.interchanges)
            WeightGradients.of(model, batch.inputs, hooks, batch.objective, manager).use { gradients ->
                adam.step(gradients, rate, LONGEST)
                gradients.value()
            }
        }

    private fun tell(point: CurvePoint) {
        val loss = String.format(Locale.ROOT, "%.4f", point.loss)
        val probe = point.probe?.let { String.format(Locale.ROOT, ", %.1f %% right", 100 * it) }.orEmpty()
        progress.note("step ${point.step} of ${schedule.steps}: loss $loss$probe")
    }

    /** Writes the model, then measures it. */
    private fun finish(curve: TrainingCurve) {
        furnish(out)
        HookedModel.open(state.folder).use { Checkpoint.write(it, out.resolve("model.safetensors"), Precision.F16) }
        val figures = measure()
        out.resolve("training.html").writeText(TrainingReport.page(training, schedule, curve, figures))
        state.remove()
    }

    /** Measures the finished model and writes its card and accompanying files. */
    private fun measure(): Map<String, Double> {
        val figures =
            HookedModel.open(out).use { model ->
                training.data(out, schedule.seed, progress::note).use { it.figures(model) }
            }
        val files = listOf("config.json", "model.safetensors") + training.furnish(out)
        val command = "./kausal train ${training.name}"
        ModelCard
            .of(training.name, training.description, training.licence, command, figures, out, files)
            .write(out)
        training.accompany(out, progress::note)
        return figures
    }

    private companion object {
        const val POINT = 20
        const val CHECKPOINT = 200
        const val LONGEST = 1.0
    }
}
