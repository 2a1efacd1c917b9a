package dev.kausal.run.inputs

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.GaussianNoise
import dev.kausal.engine.edits.Part
import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import java.math.BigDecimal
import java.math.MathContext
import java.util.concurrent.ConcurrentHashMap

/**
 * The strength of the noise in an experiment's runs.
 *
 * @param spec the experiment with all candidates of its sets, before filters: noise must not depend on the model's
 *   answers
 */
internal class Noise(
    private val spec: ExperimentSpec,
    private val deviations: EmbeddingDeviation,
) {
    private val units = ConcurrentHashMap<String, EmbeddingDeviation.Deviation>()

    /** Returns the standard deviation of [run]'s noise in an analysis of the set called [set]. */
    fun deviation(
        run: RunSpec.Noised,
        set: String,
    ): Double = run.sigmas * (run.deviation ?: unit(run.of ?: set).deviation)

    /** Returns a sentence on [run]'s noise in an analysis of the set called [set]. */
    fun sentence(
        run: RunSpec.Noised,
        set: String,
    ): String {
        val draws = if (run.samples == 1) "one draw" else "mean over ${run.samples} draws"
        val deviation = deviation(run, set)
        val shown = run.ofLabel ?: run.of ?: spec.shown(set)
        val unit = if (run.deviation != null) "set by the script" else measured(run.of ?: set, shown)
        return "Noised runs: $draws, Gaussian noise of standard deviation ${number(deviation)} = " +
            "${number(run.sigmas)} \u00d7 ${number(deviation / run.sigmas)}, $unit."
    }

    private fun measured(
        name: String,
        shown: String,
    ): String {
        val embeddings = unit(name).embeddings
        val sample = spec.subjects.find { it.name == name }
        val set = spec.contrasts.find { it.name == name }
        val prompts = sample?.prompts ?: set?.contrasts?.size
        val images = set?.contrasts.orEmpty().any { it.clean.image != null }
        val what = if (images) "patches of $prompts images" else "subject tokens of $prompts prompts"
        return "that of the embeddings of $embeddings $what ($shown)"
    }

    private fun unit(name: String): EmbeddingDeviation.Deviation =
        units.getOrPut(name) {
            val sample = spec.subjects.find { it.name == name }
            if (sample != null) {
                deviations.ofTokens(sample.tokens)
            } else {
                deviations.of(spec.contrasts.single { it.name == name }.contrasts)
            }
        }

    private fun number(value: Double) = BigDecimal(value).round(MathContext(4)).stripTrailingZeros().toPlainString()

    companion object {
        /**
         * Returns draw number [draw] of [run]'s noise on [prompt]. Its seed is derived from the run's seed, the
         * prompt's tokens and the draw number, so that a prompt has the same noise in every set, sweep and capture.
         */
        fun edit(
            run: RunSpec.Noised,
            prompt: PromptSpec,
            draw: Int,
            deviation: Double,
        ): Edit {
            val noise = GaussianNoise(deviation, Seeds.noise(run.seed, contents(prompt), draw))
            return Edit(HookKind.EMBED.name(-1), run.span.rows(prompt), Part.ALL, noise)
        }

        /** Returns the numbers that identify [prompt] in a seed: its tokens, or its image file's hash. */
        fun contents(prompt: PromptSpec): List<Int> =
            prompt.image?.let { listOf(it.sha256.hashCode()) } ?: prompt.ids
    }
}
