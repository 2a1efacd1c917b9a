package dev.kausal.reports.stories

import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.ResultKind

/** Maximum flow of attention from the input to one position. */
internal object AttentionFlowStory : Story<AttentionFlowSpec> {
    override val spec = AttentionFlowSpec::class
    override val kind = ResultKind.AttentionFlow

    override fun method(spec: AttentionFlowSpec): String =
        "Attention flow (Abnar and Zuidema 2020): maximum flow from each input position to one position after the " +
            "last layer; capacities are attention weights averaged with the identity."
}
