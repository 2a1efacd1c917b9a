package dev.kausal.run

import dev.kausal.engine.analysis.DirectLogitAttribution
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
                val ids = contrast.promptOf(spec.run).ids.toIntArray()
                DirectLogitAttribution.Prompt(ids, checkNotNull(contrast.answer).id, checkNotNull(contrast.foil).id)
            }
        val shares = DirectLogitAttribution.of(on.model, prompts, on.model.noHooks())
        on.progress.done(contrasts.size)
        on.progress.end()
        val rows = shares.map { it.shares().toList() }
        val gap = shares.maxOf { abs(it.sum() - it.logitDifference()) }
        val axes = listOf(AxisSpec("component", shares.first().components().map { it.label() }))
        val examples = contrasts.map { it.label }
        val kind = ResultKind.DirectLogitAttribution
        val result =
            measured(spec.name, kind, "logitDifference", axes, examples, rows).copy(
                baseline = mapOf(spec.run.label to shares.map { it.logitDifference() }),
                notes = listOf("The shares of each example sum to its logit difference within %.1e.".format(gap)),
            )
        return listOf(on.inference?.of(result, contrasts) ?: result)
    }
}
