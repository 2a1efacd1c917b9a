package dev.kausal.experiments.cluster

import dev.kausal.engine.family.Placement
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.tensor.Precision
import dev.kausal.spec.ExperimentSpec
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import java.util.Base64

/**
 * A run as data: all that a machine needs to compute parts of it, but the weights.
 *
 * @property kausal version of the process that sends it
 * @property spec the experiment, with the hash of the weights
 * @property ref the model's reference
 * @property file the model's place on the sender's machine
 * @property executor name of the executor
 * @property memory bytes beyond the weights, which determine which cells share a matrix product
 * @property threads threads of a task, likewise
 * @property model how the weights are held
 * @property counterpart the same in the other precision, if the run needs it
 * @property script the script, if the experiment calls its functions
 * @property pictures the experiment's images as the model reads them, in Base64, by name
 * @property dictionaries files of dictionaries on the sender's machine
 */
@Serializable
internal data class ClusterRun(
    val kausal: String,
    val spec: ExperimentSpec,
    val ref: String,
    val file: String,
    val executor: String,
    val memory: Long,
    val threads: Int,
    val model: HeldWeights,
    val counterpart: HeldWeights?,
    val precision: String,
    val script: SentScript?,
    val pictures: Map<String, String>,
    val dictionaries: List<String>,
) {
    fun bytes(): ByteArray = json.encodeToString(serializer(), this).encodeToByteArray()

    /** How weights are held. */
    @Serializable
    internal data class HeldWeights(
        val streamed: Boolean,
        val held: Int,
        val precision: Precision,
    ) {
        val placement: Placement get() = if (streamed) Placement.streaming(held) else Placement.RESIDENT

        companion object {
            fun of(placement: Placement, precision: Precision) =
                HeldWeights(placement.streamed(), placement.held(), precision)

            fun of(sizes: Sizes) = of(sizes.placement(), sizes.precision())
        }
    }

    /**
     * A script with its compiled form.
     *
     * @property jar in Base64; null if it has to be compiled again
     */
    @Serializable
    internal data class SentScript(
        val name: String,
        val text: String,
        val parameters: Map<String, String>,
        val jar: String?,
    )

    companion object {
        private val json = Json { allowSpecialFloatingPointValues = true }

        fun read(bytes: ByteArray): ClusterRun = json.decodeFromString(serializer(), bytes.decodeToString())

        fun encoded(bytes: ByteArray): String = Base64.getEncoder().encodeToString(bytes)

        fun decoded(text: String): ByteArray = Base64.getDecoder().decode(text)
    }
}
