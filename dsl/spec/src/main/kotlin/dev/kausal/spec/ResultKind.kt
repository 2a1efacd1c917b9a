package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * What the numbers of a result are of: an analysis, or one of the results that an analysis gives beside its own.
 *
 * @property ofEditedRuns whether a cell is a metric of an edited run, to be compared with that of the unedited one
 * @property ofOneSum whether the cells of an example are parts of one sum
 */
@Serializable
public enum class ResultKind(
    public val ofEditedRuns: Boolean = false,
    public val ofOneSum: Boolean = false,
) {
    @SerialName("sweep")
    Sweep(ofEditedRuns = true),

    @SerialName("directLogitAttribution")
    DirectLogitAttribution(ofOneSum = true),

    @SerialName("attention")
    Attention,

    @SerialName("logitLens")
    LogitLens,

    @SerialName("capture")
    Capture,

    @SerialName("activationMaps")
    ActivationMaps,

    /** Attention to patches; also the mean maps of a specialisation and the maps of a debugged prediction. */
    @SerialName("attentionMaps")
    AttentionMaps,

    @SerialName("attentionMeasure")
    AttentionMeasure,

    @SerialName("rollout")
    Rollout,

    @SerialName("attentionFlow")
    AttentionFlow,

    @SerialName("specialisation")
    Specialisation,

    @SerialName("gradientAttention")
    GradientAttention,

    @SerialName("mapAgreement")
    MapAgreement,

    /** Logits without patches or heads, and probabilities. */
    @SerialName("debugPrediction")
    DebugPrediction,

    /** Logits without patches drawn at random. */
    @SerialName("debugControl")
    DebugControl,

    /** Shares of heads, by the patch that they moved them from. */
    @SerialName("patchAttribution")
    PatchAttribution,

    @SerialName("watch")
    Watch,

    @SerialName("jointAblation")
    JointAblation,

    @SerialName("interaction")
    Interaction,

    @SerialName("behaviour")
    Behaviour,

    @SerialName("difference")
    Difference,

    @SerialName("headDifference")
    HeadDifference,

    @SerialName("rankCorrelation")
    RankCorrelation,
}
