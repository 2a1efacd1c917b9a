package dev.kausal.run.analyses

import dev.kausal.engine.analysis.LogitLens
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.requests.Lens
import dev.kausal.engine.requests.TokenNames
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.context.measured
import dev.kausal.run.context.promptOf
import dev.kausal.run.inputs.numbered
import dev.kausal.run.inputs.positionLabels
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** The stream after every layer, read through the unembedding. */
internal object LogitLensAnalysis : JournaledReading<LogitLensSpec>(LogitLensSpec::class) {
    override fun size(
        spec: LogitLensSpec,
        on: Setting,
    ): ResultSize {
        val prompts = on.contrasts(spec).map { it.promptOf(spec.run) }
        val longest = prompts.maxOf { it.length }
        val layers = numbered("layer", on.config.layers())
        val readings = prompts.sumOf { it.length.toLong() } * layers.labels.size
        val logits = on.pointBytes(HookKind.LOGITS.name(-1), longest)
        val streams = on.pointBytes(HookKind.RESID_POST.name(0), longest) * layers.labels.size
        return ResultSize(
            axes = listOf(layers, AxisSpec("position", positionLabels(prompts))),
            shapes = prompts.map { listOf(layers.labels.size, it.length) },
            native = on.passBytes(longest) + streams + 3 * logits,
            working = readings * spec.top * LIKELY,
            more = readings * spec.top * WRITTEN,
        )
    }

    override fun read(
        spec: LogitLensSpec,
        on: RunContext,
    ): List<Result> {
        val contrasts = on.contrasts(spec)
        val length = contrasts.maxOf { it.promptOf(spec.run).length }
        val paired = contrasts.all { it.foil != null }
        val metric = if (paired) "logitDifference" else "probability"
        val lenses = ArrayList<List<List<LogitLens.Reading>>>()
        val result =
            on.measured(spec, ResultKind.LogitLens, metric, size(spec, on.setting)) { contrast, row ->
                val foil = contrast.foil?.id ?: -1
                val answer = checkNotNull(contrast.answer).id
                val lens = on.backend.answer(Lens(contrast.promptOf(spec.run).ids, spec.top, answer, foil))
                lenses += lens
                val own = lens.flatten()
                row.write(0, own.size) { own[it].run { if (paired) logit() - foilLogit() else probability() } }
            }
        val names = names(lenses, on)
        val top = lenses.map { lens -> lens.flatMap { layer -> List(length) { likely(layer.getOrNull(it), names) } } }
        return listOf(result.copy(top = top))
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

    /** Bytes of a likely token, in Java's heap while all are kept, and in `results.json`. */
    private const val LIKELY = 64L
    private const val WRITTEN = 55L
}
