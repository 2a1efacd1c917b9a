package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * A hook that only watches, and calls a function of the script back: how often it did [hook point].
 *
 * @property sites canonical names of the hook points, in the order of the forward pass
 * @property conditioned whether it calls back only if a condition on the activation holds
 * @property once whether its first call is its last, over all examples
 * @property index of its functions, by the script's order
 * @property place where in the script they are
 */
@Serializable
@SerialName("watch")
public data class WatchSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val sites: List<String>,
    val conditioned: Boolean,
    val once: Boolean,
    val index: Int,
    val place: String,
    override val run: RunSpec = RunSpec.Clean,
) : AnalysisSpec {
    override val callsScript: Boolean get() = true
}
