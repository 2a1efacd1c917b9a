package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.run.context.RunnableExperiment
import dev.kausal.run.context.WatchFunctions

/** What a script said, as it is run. */
internal fun BoundExperiment.runnable(): RunnableExperiment =
    RunnableExperiment(
        spec,
        activations,
        metrics,
        images.mapValues { it.value.input },
        watchers.map { WatchFunctions(it.condition, it::call) },
    )
