package dev.kausal.notebook

import ai.djl.ndarray.NDManager
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Model
import dev.kausal.dsl.Place
import dev.kausal.dsl.StreamSite
import dev.kausal.dsl.attention
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.experiment
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.residPre
import dev.kausal.dsl.sweep
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.session.FinishedRun
import dev.kausal.reports.page.FramedFigure
import java.util.UUID

/** Returns the model that [ref] names, to look at in single cells; it is opened when it is first used. */
public fun openModel(ref: String): OpenedModel = OpenedModel(ref)

/** A model that predicts next tokens, shared with the experiments on it. */
public class OpenedModel internal constructor(
    private val ref: String,
) {
    /** Returns the [top] most likely tokens after [prompt]. */
    public fun next(prompt: String, top: Int = 10): NextTokens {
        val progress = CellProgress(ref)
        return told(null) {
            Kernel.await(progress) { it.withModel(ref, progress) { model -> nextTokens(model, prompt, top) } }
        }
    }

    private fun nextTokens(model: HookedModel, prompt: String, top: Int): NextTokens {
        val tokenizer = model.tokenizer().orElseThrow { PromptException("Model '$ref' has no tokenizer.") }
        if (top !in 1..model.config().outputs()) throw PromptException.top(top, model.config().outputs())
        val ids = tokenizer.encode(prompt).ids()
        if (ids.isEmpty()) throw PromptException("The prompt has no tokens. Write at least one.")
        Torch.manager().use { arrays ->
            val (tokens, probabilities) = likely(model, ids, top, arrays)
            return NextTokens(prompt, tokens.map { tokenizer.text(it) }, probabilities)
        }
    }

    private fun likely(model: HookedModel, ids: IntArray, top: Int, arrays: NDManager): Pair<List<Int>, List<Double>> {
        val logits = model.lastLogits(listOf(ids), Hooks(model.points()), arrays)
        val all = logits.softmax(-1).toFloatArray()
        val best = all.indices.sortedByDescending { all[it] }.take(top)
        return best to best.map { all[it].toDouble() }
    }

    /** Returns the attention of one head to each token of [prompt], as a figure; brackets mark a subject. */
    public fun attention(prompt: String, layer: Int, head: Int): FramedFigure {
        val run = runHidden("attention of head $layer.$head") { lm ->
            val texts = prompts(lm) { prompt(prompt) }
            val looks by attention(texts, layers = listOf(layer), heads = listOf(head))
            report { attention(looks, title = "Attention of head $layer.$head") }
        }
        return FramedFigure.of(run.bundle).single()
    }

    /**
     * Returns what one patch does: the stream of the clean run at [layer], put into the corrupted run at a place that both
     * prompts have.
     *
     * @param answer the right token after [clean]; [foil] is that after [corrupted]
     * @param at the last token, or a span of the marked subject
     */
    public fun patch(
        clean: String,
        answer: String,
        corrupted: String,
        foil: String,
        layer: Int,
        at: Place = last,
        site: StreamSite = residPre,
    ): PatchEffect {
        val run = runHidden("patch at layer $layer") { lm ->
            val pair = contrasts(lm) { contrast(clean, answer, corrupted, foil) }
            val patched by sweep(pair, recovery(logitDifference)) {
                each(listOf(layer)) { one -> patch(from = cleanRun, to = corruptedRun, one, site).at(at) }
            }
            report { bars(patched) }
        }
        val result = run["patched"]
        val (before, after) = listOf("corrupted", "clean").map { result.baseline.getValue(it).single()!! }
        return PatchEffect(layer, "$at", after, before, result.plain!!.single().single()!!, result.mean.single()!!)
    }

    /** Runs an experiment of this class, whose bundle is removed with the kernel. */
    private fun runHidden(what: String, declare: ExperimentScope.(Model<CausalLm>) -> Unit): FinishedRun {
        val experiment = Cells.outside {
            experiment(what) {
                val lm = model<CausalLm>(ref)
                withoutInference()
                declare(lm)
            }
        }
        val progress = CellProgress(what)
        val out = Kernel.temporary.resolve("${UUID.randomUUID()}")
        return told(experiment) { Kernel.await(progress) { it.run(experiment, out, progress) } }
    }
}

private val cleanRun = clean

private val corruptedRun = corrupted
