package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Why a classifier predicts a class for an image: the right class against its rival, which is the predicted class or,
 * if the prediction is right, the second most likely. Yields several results:
 *
 * | name | axes | what |
 * |---|---|---|
 * | `NAME` | removed, class | logits of both classes without patches or heads |
 * | `NAME.probabilities` | class | of every class |
 * | `NAME.maps` | map, row, column | attention, rollout, and relevance to either class |
 * | `NAME.attribution` | component | shares of heads and MLPs of the right logit minus the rival's |
 * | `NAME.random` | draw, class | logits without equally many random patches, by draw |
 * | `NAME.patches` | row, column | the heads' shares, by source patch |
 *
 * @property patches number of patches removed together
 * @property heads number of heads removed together
 * @property seed seed of the control's random patches
 * @property draws number of draws of the control; the first result has their mean
 */
@Serializable
@SerialName("debugPrediction")
public data class DebugPredictionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val patches: Int,
    val heads: Int,
    val seed: Long,
    val draws: Int = 20,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean
}
