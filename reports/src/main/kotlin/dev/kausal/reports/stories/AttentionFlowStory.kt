package dev.kausal.reports.stories

import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.ResultKind

/** The most that flows from the input to one position. */
internal object AttentionFlowStory : Story<AttentionFlowSpec> {
    override val spec = AttentionFlowSpec::class
    override val kind = ResultKind.AttentionFlow

    override fun method(spec: AttentionFlowSpec): String =
        "Attention flow (Abnar and Zuidema 2020): the most that fits from each position of the input to one " +
            "after the last layer, attention weights with the residual mixed in being the widths of pipes."
}
