package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Why a classifier sorts an image as it does: of the right class against its rival, the class that it is taken for, or,
 * where the model is right, the second likeliest. Gives several results:
 *
 * | name | axes | what |
 * |---|---|---|
 * | `NAME` | removed, class | logits of both classes without patches or heads |
 * | `NAME.probabilities` | class | of every class |
 * | `NAME.maps` | map, row, column | attention, rollout, and what counts for either class |
 * | `NAME.attribution` | component | shares of heads and MLPs of the right logit minus the rival's |
 * | `NAME.random` | draw, class | logits without as many patches drawn at random, draw by draw |
 * | `NAME.patches` | row, column | the heads' shares, by the patch that they moved them from |
 *
 * @property patches how many are taken out together
 * @property heads how many are taken out together
 * @property seed draws the patches of the control
 * @property draws of it; in the first result, the mean over them
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
