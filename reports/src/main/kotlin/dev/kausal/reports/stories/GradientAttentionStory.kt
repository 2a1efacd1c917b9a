package dev.kausal.reports.stories

import dev.kausal.spec.GradientAttentionSpec
import dev.kausal.spec.OutputSpec
import dev.kausal.spec.ResultKind

/** Attention weighted by gradients. */
internal object GradientAttentionStory : Story<GradientAttentionSpec> {
    override val spec = GradientAttentionSpec::class
    override val kind = ResultKind.GradientAttention

    override fun method(spec: GradientAttentionSpec): String {
        val output = if (spec.output == OutputSpec.Answer) "the right class" else "the predicted class"
        return "Gradient-weighted attention (Chefer et al. 2021): attention times its gradient of the logit of " +
            "$output, positive part, accumulated over layers."
    }
}
