package dev.kausal.run.analyses

import dev.kausal.engine.analysis.LogitLens
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.noHooks
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.numbered
import dev.kausal.run.inputs.positionLabels
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** The stream after every layer, read through the unembedding. */
internal object LogitLensAnalysis : JournaledReading<LogitLensSpec>(LogitLensSpec::class) {
    override fun read(
        spec: LogitLensSpec,
        on: RunContext,
    ): List<Result> {
        val contrasts = on.contrasts(spec)
        val prompts = contrasts.map { it.promptOf(spec.run) }
        val length = prompts.maxOf { it.length }
        val paired = contrasts.all { it.foil != null }
        val lenses =
            on.perExample(spec) { contrast ->
                val foil = contrast.foil?.id ?: -1
                val answer = checkNotNull(contrast.answer).id
                val ids = contrast.promptOf(spec.run).ids.toIntArray()
                LogitLens.of(on.model, ids, on.model.noHooks(), spec.top, answer, foil)
            }
        val rows =
            lenses.map { lens ->
                lens.flatMap { layer ->
                    List(length) { layer.getOrNull(it)?.run { if (paired) logit() - foilLogit() else probability() } }
                }
            }
        val axes = listOf(numbered("layer", on.model.config().layers()), AxisSpec("position", positionLabels(prompts)))
        val metric = if (paired) "logitDifference" else "probability"
        val top = lenses.map { lens -> lens.flatMap { layer -> List(length) { likely(layer.getOrNull(it), on) } } }
        val examples = contrasts.map { it.label }
        return listOf(measured(spec.name, ResultKind.LogitLens, metric, axes, examples, rows).copy(top = top))
    }

    private fun likely(
        reading: LogitLens.Reading?,
        on: RunContext,
    ): List<LikelyToken> {
        val tokenizer = on.model.tokenizer().orElseThrow()
        return reading?.likely().orEmpty().map { LikelyToken(tokenizer.named(it.token()), it.probability()) }
    }
}
