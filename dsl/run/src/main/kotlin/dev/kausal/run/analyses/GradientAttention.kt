package dev.kausal.run.analyses

import dev.kausal.engine.metrics.Logit
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.inputs.ClassifierOutputs
import dev.kausal.spec.GradientAttentionSpec
import dev.kausal.spec.OutputSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** Gradient-weighted attention for a class's logit. */
internal object GradientAttentionAnalysis : JournaledReading<GradientAttentionSpec>(GradientAttentionSpec::class) {
    override fun size(
        spec: GradientAttentionSpec,
        on: Setting,
    ): ResultSize = on.patternSize(spec, on.grid(spec), copies = 1.0)

    override fun read(
        spec: GradientAttentionSpec,
        on: RunContext,
    ): List<Result> {
        val inputs = AttentionInputs(spec, on)
        val classes = ClassifierOutputs(on.backend, on.inputs)
        val rows =
            on.perExample(spec) { contrast ->
                val answers = spec.output == OutputSpec.Answer
                val of = if (answers) contrast.answers.map { it.id } else listOf(classes.predicted(contrast.clean))
                classes.relevance(contrast.clean, Logit(of))
            }
        return listOf(inputs.result(ResultKind.GradientAttention, "gradient-weighted attention", inputs.grid, rows))
    }
}
