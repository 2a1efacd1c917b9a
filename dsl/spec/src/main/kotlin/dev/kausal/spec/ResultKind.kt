package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * The kind of a result: an analysis, or an additional result of one.
 *
 * @property ofEditedRuns whether a cell is a metric of an edited run, to be compared with the unedited one
 * @property ofOneSum whether the cells of an example are terms of one sum
 * @property layout meaning of its cells, which determines how they are drawn
 * @property range possible values of its numbers, if neither a metric nor the analysis limits them
 * @property isShareOfRuns whether 0 is the corrupted run and 1 the clean one, whatever the metric
 * @property ofContributions whether the number of an example is only its contribution to the mean, which may be beyond [range]
 */
@Serializable
public enum class ResultKind(
    public val ofEditedRuns: Boolean = false,
    public val ofOneSum: Boolean = false,
    public val layout: CellLayout = CellLayout.Grid,
    public val range: ValueRange = ValueRange.ANY,
    public val isShareOfRuns: Boolean = false,
    public val ofContributions: Boolean = false,
) {
    @SerialName("sweep")
    Sweep(ofEditedRuns = true),

    @SerialName("directLogitAttribution")
    DirectLogitAttribution(ofOneSum = true),

    @SerialName("attention")
    Attention,

    @SerialName("logitLens")
    LogitLens,

    /** Logits, probabilities or ranks of the tokens that a logit lens follows. */
    @SerialName("lensTokens")
    LensTokens,

    @SerialName("capture")
    Capture(layout = CellLayout.Activations),

    @SerialName("activationMaps")
    ActivationMaps,

    /** Attention to patches; also the mean maps of a specialisation and the maps of a debugged prediction. */
    @SerialName("attentionMaps")
    AttentionMaps(range = ValueRange.SHARE),

    @SerialName("attentionMeasure")
    AttentionMeasure,

    @SerialName("rollout")
    Rollout(range = ValueRange.SHARE),

    @SerialName("attentionFlow")
    AttentionFlow(range = ValueRange.NOT_NEGATIVE),

    @SerialName("specialisation")
    Specialisation(range = ValueRange.CORRELATION),

    @SerialName("gradientAttention")
    GradientAttention(range = ValueRange.NOT_NEGATIVE),

    @SerialName("mapAgreement")
    MapAgreement(range = ValueRange.CORRELATION),

    /** Logits without patches or heads, and probabilities. */
    @SerialName("debugPrediction")
    DebugPrediction(layout = CellLayout.Pairs),

    /** Logits without random patches. */
    @SerialName("debugControl")
    DebugControl(layout = CellLayout.Pairs),

    /** Shares of heads, by source patch. */
    @SerialName("patchAttribution")
    PatchAttribution,

    @SerialName("watch")
    Watch(range = ValueRange.NOT_NEGATIVE),

    @SerialName("jointAblation")
    JointAblation,

    @SerialName("interaction")
    Interaction,

    @SerialName("behaviour")
    Behaviour(layout = CellLayout.Groups),

    @SerialName("difference")
    Difference,

    @SerialName("headDifference")
    HeadDifference(range = ValueRange.NOT_NEGATIVE),

    @SerialName("edges")
    Edges(layout = CellLayout.Edges),

    @SerialName("circuit")
    Circuit(ofEditedRuns = true),

    /** Faithfulness of a circuit's sizes, beside that of random circuits. */
    @SerialName("circuitFaithfulness")
    CircuitFaithfulness(isShareOfRuns = true),

    /** Completeness of a circuit's sizes, beside their faithfulness. */
    @SerialName("circuitCompleteness")
    CircuitCompleteness,

    /** What the faithfulness of a circuit loses without each of its parts. */
    @SerialName("circuitMinimality")
    CircuitMinimality(layout = CellLayout.Edges),

    /** Areas under the curves of [RocCurve]. */
    @SerialName("roc")
    Roc(range = ValueRange.SHARE),

    /** True positive rates, by false positive rate and ranking. */
    @SerialName("rocCurve")
    RocCurve(range = ValueRange.SHARE),

    /** Shares of the top heads that two rankings have in common, beside those under chance and of halves. */
    @SerialName("overlap")
    Overlap(range = ValueRange.SHARE),

    @SerialName("rankCorrelation")
    RankCorrelation(range = ValueRange.CORRELATION),

    /** Texts; numbers are their log probability per token, or shares of right ones. */
    @SerialName("generation")
    Generation,

    /** Shares of the fitted difference of two classes that are found on the half without fit. */
    @SerialName("direction")
    Direction(ofContributions = true),

    /** Interchange intervention accuracy of trained subspaces on the half without training. */
    @SerialName("distributedAlignmentSearch")
    AlignmentSearch(range = ValueRange.SHARE),

    /** That of trained subspaces, controls and whole activations. */
    @SerialName("interchangeAccuracy")
    InterchangeAccuracy(range = ValueRange.SHARE),

    /** Logit differences after the same interchanges. */
    @SerialName("interchangeDifference")
    InterchangeDifference,

    /** Areas under the receiver operating characteristics of probes. */
    @SerialName("probe")
    Probe(range = ValueRange.OF_TWO_CLASSES, ofContributions = true),

    @SerialName("probeAccuracy")
    ProbeAccuracy(range = ValueRange.OF_TWO_CLASSES),

    /** Areas of probes on another set. */
    @SerialName("probeTransfer")
    ProbeTransfer(range = ValueRange.OF_TWO_CLASSES, ofContributions = true),

    @SerialName("doseResponse")
    DoseResponse(ofEditedRuns = true),

    /** A metric on another set under the edits of a [DoseResponse]. */
    @SerialName("sideEffect")
    SideEffect(ofEditedRuns = true),

    /** Largest activations of features. */
    @SerialName("featureActivations")
    FeatureActivations(range = ValueRange.NOT_NEGATIVE),

    /** First-order contributions of features to a metric. */
    @SerialName("featureAttribution")
    FeatureAttribution,

    /** Replacement and completeness scores of attribution graphs. */
    @SerialName("attributionGraph")
    AttributionGraph(range = ValueRange.SHARE),
}

/** Meaning of a result's cells. */
public enum class CellLayout {
    /** Values along the axes. */
    Grid,

    /** Quantities of groups of examples. */
    Groups,

    /** Activations, whose last axis may be as long as a model's width. */
    Activations,

    /** Numbers to compare in pairs. */
    Pairs,

    /** Edges of a model, of which a page shows the strongest. */
    Edges,
}
