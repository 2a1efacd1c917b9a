package dev.kausal.run.analyses

import dev.kausal.engine.analysis.LogitLens
import dev.kausal.engine.requests.Lens
import dev.kausal.engine.requests.TokenNames
import dev.kausal.run.context.RunContext
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
                on.backend.answer(Lens(contrast.promptOf(spec.run).ids, spec.top, answer, foil))
            }
        val rows =
            lenses.map { lens ->
                lens.flatMap { layer ->
                    List(length) { layer.getOrNull(it)?.run { if (paired) logit() - foilLogit() else probability() } }
                }
            }
        val axes = listOf(numbered("layer", on.backend.config.layers()), AxisSpec("position", positionLabels(prompts)))
        val metric = if (paired) "logitDifference" else "probability"
        val names = names(lenses, on)
        val top = lenses.map { lens -> lens.flatMap { layer -> List(length) { likely(layer.getOrNull(it), names) } } }
        val examples = contrasts.map { it.label }
        return listOf(measured(spec.name, ResultKind.LogitLens, metric, axes, examples, rows).copy(top = top))
    }

    private fun likely(
        reading: LogitLens.Reading?,
        names: Map<Int, String>,
    ): List<LikelyToken> =
        reading?.likely().orEmpty().map { LikelyToken(names.getValue(it.token()), it.probability()) }

    private fun names(
        lenses: List<List<List<LogitLens.Reading>>>,
        on: RunContext,
    ): Map<Int, String> {
        val tokens = lenses.flatten().flatten().flatMap { it.likely() }.map { it.token() }.distinct()
        return tokens.zip(on.backend.answer(TokenNames(tokens))).toMap()
    }
}
