package dev.kausal.reports.stories

import dev.kausal.reports.figure.isOfTokens
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.number
import dev.kausal.spec.HeadFusion
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RolloutSpec

/** Attention multiplied through the layers. */
internal object RolloutStory : Story<RolloutSpec> {
    override val spec = RolloutSpec::class
    override val kind = ResultKind.Rollout

    override fun title(grid: ResultGrid): String = "attention rolled out through the layers"

    override fun method(spec: RolloutSpec): String =
        if (spec.residual) {
            "Attention rollout (Abnar and Zuidema 2020): heads fused by their ${fusion(spec.fusion)}" +
                "${discarded(spec)}, averaged with the identity for the residual connection, rows normalised, " +
                "layers multiplied. Ignores values and MLPs."
        } else {
            "Accumulated attention: product over layers of the mean patterns, without the residual connection."
        }

    override fun findings(grid: ResultGrid): List<String> =
        listOfNotNull(if (isOfTokens(grid)) textFinding(grid) else rangeFinding(grid))
}

private fun fusion(fusion: HeadFusion): String =
    when (fusion) {
        HeadFusion.Mean -> "mean"
        HeadFusion.Max -> "largest weight"
        HeadFusion.Min -> "smallest weight"
    }

private fun discarded(rollout: RolloutSpec): String =
    if (rollout.discard == 0.0) {
        ""
    } else {
        ", without the smallest ${number(100 * rollout.discard, 0)} % of each layer's weights"
    }
