package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** The run of a contrast that is read or edited. */
@Serializable
public sealed interface RunSpec {
    @Serializable
    @SerialName("clean")
    public data object Clean : RunSpec

    @Serializable
    @SerialName("corrupted")
    public data object Corrupted : RunSpec

    /**
     * The clean prompt with Gaussian noise on a span's embeddings (Meng et al. 2022), averaged over [samples].
     *
     * @property sigmas the noise's standard deviation, in standard deviations of the embeddings of the set's subjects
     */
    @Serializable
    @SerialName("noised")
    public data class Noised(
        val span: PlaceSpec,
        val sigmas: Double,
        val samples: Int,
        val seed: Long,
    ) : RunSpec
}
