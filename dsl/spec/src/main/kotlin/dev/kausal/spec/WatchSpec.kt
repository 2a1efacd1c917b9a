package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * A read-only hook that calls a function of the script; counts its calls [hook point].
 *
 * @property sites canonical names of the hook points, in the order of the forward pass
 * @property conditioned whether it calls only if a condition on the activation holds
 * @property once whether it calls only once over all examples
 * @property index index of its functions, in the script's order
 * @property place where the script declares them
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
