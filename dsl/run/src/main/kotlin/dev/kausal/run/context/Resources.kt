package dev.kausal.run.context

import dev.kausal.engine.tensor.Tuning

/**
 * What a run may use.
 *
 * @property budget bytes beyond the weights
 * @property threads number of threads
 * @property tuning tuning of the device
 */
internal class Resources(
    val budget: Long,
    val threads: Int,
    val tuning: Tuning,
)
