package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.AttentionFlow
import dev.kausal.run.context.RunContext
import dev.kausal.run.inputs.positionLabels
import dev.kausal.run.inputs.rows
import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** The most that flows from each position of the input to one after the last layer. */
internal object AttentionFlowAnalysis : JournaledReading<AttentionFlowSpec>(AttentionFlowSpec::class) {
    override fun read(
        spec: AttentionFlowSpec,
        on: RunContext,
    ): List<Result> {
        val inputs = AttentionInputs(spec, on)
        val length = inputs.prompts.maxOf { it.length }
        val rows =
            inputs.each { one ->
                val flow = AttentionFlow.maximum(one.pattern, spec.to.rows(one.prompt).first())
                if (inputs.images) one.patches().patches(flow).toList() else List(length) { flow.getOrNull(it) }
            }
        val axes = if (inputs.images) inputs.grid else listOf(AxisSpec("key", positionLabels(inputs.prompts)))
        return listOf(inputs.result(ResultKind.AttentionFlow, "maximum flow", axes, rows))
    }
}
