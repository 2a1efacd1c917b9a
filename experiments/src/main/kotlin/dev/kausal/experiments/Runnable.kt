package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.run.context.RunnableExperiment
import dev.kausal.run.context.WatchFunctions

/** Returns what a run needs of a bound experiment: its spec, functions, and images as the model reads them. */
internal fun BoundExperiment.runnable(): RunnableExperiment =
    RunnableExperiment(
        spec,
        activations,
        metrics,
        images.mapValues { it.value.input },
        watchers.map { WatchFunctions(it.condition, it::call) },
        dictionaries,
    )
