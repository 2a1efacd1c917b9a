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
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.numbered
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.positionLabels

/** The stream after every layer, passed through the unembedding. */
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
            working = readings * (spec.top * LIKELY + spec.tokens.size * FOLLOWED),
            more = readings * (spec.top * WRITTEN + spec.tokens.size * OF_TOKEN),
        )
    }

    override fun read(
        spec: LogitLensSpec,
        on: RunContext,
    ): List<Result> {
        val contrasts = on.contrasts(spec)
        val length = contrasts.maxOf { it.promptOf(spec.run).length }
        val (metric, number) = measure(contrasts)
        val size = size(spec, on.setting)
        val lenses = ArrayList<List<List<LogitLens.Reading>>>()
        val result =
            on.measured(spec, ResultKind.LogitLens, metric, size) { contrast, row ->
                val answers = contrast.answers.map { it.id }
                val foils = contrast.foils.map { it.id }
                val query = LogitLens.Query(spec.top, answers, foils, spec.tokens.map { it.id })
                val lens = on.backend.answer(Lens(contrast.promptOf(spec.run).ids, query))
                lenses += lens
                val own = lens.flatten()
                row.write(0, own.size) { number(own[it]) }
            }
        val names = names(lenses, on)
        val top = lenses.map { lens -> lens.flatMap { layer -> List(length) { likely(layer.getOrNull(it), names) } } }
        val followed = LensTokens(spec, size.axes, contrasts.map { it.label }, lenses)
        return listOf(result.copy(top = top)) + followed.results()
    }

    /**
     * Returns the quantity that the lens measures: the answer's if all examples have one, else that of the most likely
     * token.
     */
    private fun measure(contrasts: List<ContrastSpec>): Pair<String, (LogitLens.Reading) -> Double> =
        when {
            contrasts.any { it.answer == null } -> LIKELIEST to { it.likely().first().probability() }
            contrasts.all { it.foil != null } -> "logitDifference" to { it.logit() - it.foilLogit() }
            else -> "probability" to { it.probability() }
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

    /** Bytes of a likely token in Java's heap, where all are kept, and in `results.json`. */
    private const val LIKELY = 64L
    private const val WRITTEN = 55L

    /** Bytes of a followed token, which has three numbers. */
    private const val FOLLOWED = 112L
    private const val OF_TOKEN = 48L
    private const val LIKELIEST = "probability of the likeliest token"
}

/** Results of a lens for each of the tokens named in the script, on the lens's own [axes]. */
private class LensTokens(
    private val spec: LogitLensSpec,
    private val axes: List<AxisSpec>,
    private val examples: List<String>,
    private val lenses: List<List<List<LogitLens.Reading>>>,
) {
    fun results(): List<Result> {
        if (spec.tokens.isEmpty()) return emptyList()
        return listOf(
            of(".logits", "logit of the token") { it.logit() },
            of(".probabilities", "probability of the token") { it.probability() },
            of(".ranks", "rank of the token") { if (it.logit().isNaN()) Double.NaN else it.rank().toDouble() },
        )
    }

    private fun of(
        part: String,
        metric: String,
        number: (LogitLens.OfToken) -> Double,
    ): Result {
        val length = axes.last().labels.size
        val named = listOf(AxisSpec("token", spec.tokens.map { it.text })) + axes
        val rows =
            lenses.map { lens ->
                spec.tokens.indices.flatMap { token ->
                    lens.flatMap { layer -> List(length) { layer.getOrNull(it)?.run { number(tokens()[token]) } } }
                }
            }
        return measured(spec.name + part, ResultKind.LensTokens, metric, named, examples, rows)
    }
}
