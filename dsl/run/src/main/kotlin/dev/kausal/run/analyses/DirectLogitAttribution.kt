package dev.kausal.run.analyses

import dev.kausal.engine.analysis.DirectLogitAttribution
import dev.kausal.engine.graph.Component
import dev.kausal.engine.requests.Attribution
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.measured
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import kotlin.math.abs

/** Shares of the logit difference; all examples run together. */
internal object AttributionAnalysis : JournaledReading<AttributionSpec>(AttributionSpec::class) {
    override fun read(
        spec: AttributionSpec,
        on: RunContext,
    ): List<Result> {
        val contrasts = on.contrasts(spec)
        on.progress.begin(spec.name, contrasts.size)
        val prompts =
            contrasts.map { contrast ->
                val input = on.inputs.of(contrast.promptOf(spec.run))
                DirectLogitAttribution.Prompt(input, contrast.answers.map { it.id }, contrast.foils.map { it.id })
            }
        val shares = on.backend.answer(Attribution(prompts))
        on.progress.done(contrasts.size)
        on.progress.end()
        val rows = shares.map { it.shares().toList() }
        val gap = shares.maxOf { abs(it.sum() - it.logitDifference()) }
        val sum = "The shares of each example sum to its logit difference within %.1e.".format(gap)
        val components = shares.first().components()
        val axes = listOf(AxisSpec("component", components.map { it.label() }))
        val examples = contrasts.map { it.label }
        val kind = ResultKind.DirectLogitAttribution
        val result =
            measured(spec.name, kind, "logitDifference", axes, examples, rows).copy(
                baseline = mapOf(spec.run.label to shares.map { it.logitDifference() }),
                notes = listOfNotNull(sum, CAPPED.takeIf { components.any { it is Component.SoftCap } }),
            )
        return listOf(on.inference?.of(result, contrasts) ?: result)
    }

    private const val CAPPED =
        "The model caps its logits: 'soft cap' is what the cap adds, and the other shares sum to the difference before it."
}
