package dev.kausal.run

import dev.kausal.engine.analysis.DirectLogitAttribution
import dev.kausal.engine.analysis.LogitLens
import dev.kausal.engine.edits.Edit
import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.Numbers
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import kotlin.math.abs

/** The analyses that read a run without changing it: one pass per example. */
internal class Readings(
    private val model: HookedModel,
    private val contrasts: List<ContrastSpec>,
    private val inputs: EngineInputs,
    private val progress: AnalysisProgress,
    private val noise: Noise,
) {
    private val examples = contrasts.map { it.label }

    private fun <T> perExample(
        name: String,
        run: RunSpec,
        read: (ContrastSpec, PromptSpec) -> T,
    ): List<T> {
        progress.begin(name, contrasts.size)
        return contrasts
            .mapIndexed { index, contrast ->
                read(contrast, contrast.promptOf(run)).also { progress.done(index + 1) }
            }.also { progress.end() }
    }

    fun attribution(spec: AttributionSpec): Result {
        progress.begin(spec.name, contrasts.size)
        val prompts =
            contrasts.map { contrast ->
                val ids = contrast.promptOf(spec.run).ids.toIntArray()
                DirectLogitAttribution.Prompt(ids, checkNotNull(contrast.answer).id, checkNotNull(contrast.foil).id)
            }
        val shares = DirectLogitAttribution.of(model, prompts, model.noHooks())
        progress.done(contrasts.size)
        progress.end()
        val rows = shares.map { it.shares().toList() }
        val gap = shares.maxOf { abs(it.sum() - it.logitDifference()) }
        val components = shares.first().components().map { it.label() }
        val axes = listOf(AxisSpec("component", components))
        return measured(spec.name, "directLogitAttribution", "logitDifference", axes, examples, rows).copy(
            baseline = mapOf(spec.run.label to shares.map { it.logitDifference() }),
            notes = listOf("The shares of each example sum to its logit difference within %.1e.".format(gap)),
        )
    }

    fun attention(spec: AttentionSpec): Result {
        progress.begin(spec.name, contrasts.size)
        return AttentionReading(model, inputs, spec, prompts(spec.run))
            .result(examples, progress::done)
            .also { progress.end() }
    }

    /** What passes one site; of a noised run, draw by draw, the same draws as in sweeps over this set. */
    fun capture(spec: CaptureSpec): Result {
        val prompts = contrasts.map { it.run(spec.run) }
        val axes = axesOf(model.points().named(spec.site), positionLabels(prompts))
        val size = axes.map { it.labels.size }
        val activations = Activations(model, inputs)
        progress.begin(spec.name, contrasts.size)
        val rows =
            prompts.mapIndexed { index, prompt ->
                drawn(passes(spec, prompt).map { padded(activations.of(prompt, listOf(spec.site), it).single(), size) })
                    .also { progress.done(index + 1) }
            }
        progress.end()
        val run = spec.run as? RunSpec.Noised ?: return reading(spec.name, "capture", spec.site, axes, rows)
        val draws = AxisSpec("draw", List(run.samples) { "$it" })
        return reading(spec.name, "capture", spec.site, listOf(draws) + axes, rows)
            .copy(notes = listOf(noise.sentence(run, spec.contrasts)))
    }

    /** The draws of one example after each other. */
    private fun drawn(draws: List<List<Double?>>): List<Double?> {
        val size = draws.first().size
        return draws.singleOrNull() ?: Numbers.of(draws.size * size) { draws[it / size][it % size] }
    }

    /** The edits of each pass that a capture of [prompt] takes: none, or one draw of noise each. */
    private fun passes(
        spec: CaptureSpec,
        prompt: PromptSpec,
    ): List<List<Edit>> {
        val run = spec.run as? RunSpec.Noised ?: return listOf(emptyList())
        val deviation = noise.deviation(run, spec.contrasts)
        return List(run.samples) { listOf(Noise.edit(run, prompt, it, deviation)) }
    }

    fun logitLens(spec: LogitLensSpec): Result {
        val length = longest(spec.run)
        val layers = model.config().layers()
        val paired = contrasts.all { it.foil != null }
        val lenses =
            perExample(spec.name, spec.run) { contrast, prompt ->
                val foil = contrast.foil?.id ?: -1
                val answer = checkNotNull(contrast.answer).id
                LogitLens.of(model, prompt.ids.toIntArray(), model.noHooks(), spec.top, answer, foil)
            }
        val rows =
            lenses.map { lens ->
                lens.flatMap { layer ->
                    List(length) { layer.getOrNull(it)?.run { if (paired) logit() - foilLogit() else probability() } }
                }
            }
        val axes = listOf(AxisSpec("layer", List(layers) { "$it" }), AxisSpec("position", labels(spec.run)))
        val metric = if (paired) "logitDifference" else "probability"
        return reading(spec.name, "logitLens", metric, axes, rows).copy(
            top = lenses.map { lens -> lens.flatMap { layer -> List(length) { likely(layer.getOrNull(it)) } } },
        )
    }

    private fun likely(reading: LogitLens.Reading?): List<LikelyToken> {
        val tokenizer = model.tokenizer().orElseThrow()
        return reading?.likely().orEmpty().map { LikelyToken(tokenizer.named(it.token()), it.probability()) }
    }

    private fun reading(
        name: String,
        kind: String,
        metric: String,
        axes: List<AxisSpec>,
        rows: List<List<Double?>>,
    ) = measured(name, kind, metric, axes, examples, rows)

    /** Row-major values in a box of [size]; what a shorter prompt lacks is null. */
    private fun padded(
        activation: Activation,
        size: List<Int>,
    ): List<Double?> =
        Numbers.of(size.reduce(Int::times)) { flat ->
            val place = IntArray(size.size)
            var rest = flat
            for (axis in size.indices.reversed()) {
                place[axis] = rest % size[axis]
                rest /= size[axis]
            }
            activation.at(*place)
        }

    /** The axes of what passes [point], where prompts have the positions [tokens]. */
    private fun axesOf(
        point: HookPoint,
        tokens: List<String>,
    ): List<AxisSpec> =
        point.axes().map { axis ->
            val name = if (axis.heads()) Axis.HEAD.label() else axis.label()
            val labels = if (axis.positions()) tokens else List(axis.size(model.config(), tokens.size)) { "$it" }
            AxisSpec(name, labels)
        }

    private fun prompts(run: RunSpec): List<PromptSpec> = contrasts.map { it.promptOf(run) }

    private fun longest(run: RunSpec): Int = prompts(run).maxOf { it.length }

    private fun labels(run: RunSpec): List<String> = positionLabels(prompts(run))
}
