package dev.kausal.experiments.training

import dev.kausal.reports.page.TrainingCurve
import dev.kausal.reports.page.TrainingPage

/** Builds the content of a training's page. */
internal object TrainingReport {
    fun page(
        training: Training,
        schedule: Schedule,
        curve: TrainingCurve,
        figures: Map<String, Double>,
    ): String {
        val settings =
            linkedMapOf(
                "steps" to "${schedule.steps}",
                "learning rate" to "up to ${schedule.peak} in ${schedule.warmUp} steps, down to 0 as a half cosine",
                "weight decay" to "${schedule.decay}",
                "seed" to "${schedule.seed}",
            )
        return TrainingPage.render("embedded:${training.name}", training.description, settings, figures, curve)
    }
}
