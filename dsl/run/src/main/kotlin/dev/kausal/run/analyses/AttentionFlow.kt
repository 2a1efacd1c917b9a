package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.AttentionFlow
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.inputs.rows
import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.positionLabels

/** Maximum flow from each input position to one position after the last layer. */
internal object AttentionFlowAnalysis : JournaledReading<AttentionFlowSpec>(AttentionFlowSpec::class) {
    override fun size(
        spec: AttentionFlowSpec,
        on: Setting,
    ): ResultSize {
        // Fused patterns in double precision, and the capacities of the flow network.
        val copies = 6.0 / on.config.heads()
        if (on.config.readsImages()) return on.patternSize(spec, on.grid(spec), copies)
        val axes = listOf(AxisSpec("key", positionLabels(on.inputs(spec))))
        return on.patternSize(spec, axes, copies) { listOf(it) }
    }

    override fun read(
        spec: AttentionFlowSpec,
        on: RunContext,
    ): List<Result> {
        val inputs = AttentionInputs(spec, on)
        val result =
            inputs.result(ResultKind.AttentionFlow, "maximum flow", size(spec, on.setting)) { one, row ->
                val flow = AttentionFlow.maximum(one.pattern, spec.to.rows(one.prompt).first())
                val own = if (inputs.images) one.patches().patches(flow) else flow
                row.write(0, own.size) { own[it] }
            }
        return listOf(result)
    }
}
