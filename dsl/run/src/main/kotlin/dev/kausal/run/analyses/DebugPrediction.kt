package dev.kausal.run.analyses

import dev.kausal.engine.analysis.DirectLogitAttribution
import dev.kausal.engine.analysis.attention.AttentionRollout
import dev.kausal.engine.analysis.attention.PatchGrid
import dev.kausal.engine.analysis.attention.PatchMaps
import dev.kausal.engine.config.Input
import dev.kausal.engine.metrics.Logit
import dev.kausal.engine.requests.Attribution
import dev.kausal.engine.requests.Patterns
import dev.kausal.engine.requests.SourceShares
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.ClassifierOutputs
import dev.kausal.run.inputs.fromImage
import dev.kausal.run.inputs.gridAxes
import dev.kausal.run.inputs.numbered
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ClassNames
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.PredictionAblation
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import java.util.Locale

/** The unedited prediction of one image, its maps and shares. */
internal class PredictionEvidence(
    val contrast: ContrastSpec,
    val input: Input,
    val logits: FloatArray,
    val right: Int,
    val maps: List<List<Double>>,
    val shares: DirectLogitAttribution.Shares,
    val patches: List<Double>,
) {
    /** The predicted class if it is wrong, else the second most likely. */
    val rival: Int = rival(logits, right)
    val taken: Int get() = logits.indices.maxBy { logits[it] }

    companion object {
        fun rival(
            logits: FloatArray,
            right: Int,
        ): Int = logits.indices.filter { it != right }.maxBy { logits[it] }
    }
}

/** Debugs a classifier's predictions. */
internal object DebugPredictionAnalysis : JournaledReading<DebugPredictionSpec>(DebugPredictionSpec::class) {
    override fun read(
        spec: DebugPredictionSpec,
        on: RunContext,
    ): List<Result> {
        val names = ClassNames(on.spec.model.classes).shown.ifEmpty { List(on.backend.config.outputs()) { "$it" } }
        return DebugReading(spec, on).results(names)
    }
}

/** Computes a [DebugPredictionSpec]. */
private class DebugReading(
    private val spec: DebugPredictionSpec,
    private val on: RunContext,
) {
    private val inputs = on.inputs
    private val classes = ClassifierOutputs(on.backend, inputs)

    /** @param names class names, by number */
    fun results(names: List<String>): List<Result> {
        val explained = on.perExample(spec) { explained(it) }
        val removed = PredictionAblations(on.backend, spec).of(explained)
        val grid = gridAxes(PatchGrid.of(on.backend.config, explained.first().input))
        val draws = numbered("draw", spec.draws)
        val differences = explained.map { (it.logits[it.right] - it.logits[it.rival]).toDouble() }
        return listOf(
            result("", KIND, "logit", listOf(AxisSpec("removed", removed.labels), BOTH), explained, removed.logits)
                .copy(
                    notes = explained.take(NOTED).map { sentence(it, names) },
                    audit = removed.audit,
                    ablations = PredictionAblation.entries,
                ),
            result(".probabilities", KIND, "probability", listOf(AxisSpec("class", names)), explained) {
                ClassifierOutputs.probabilities(it.logits)
            },
            result(".random", ResultKind.DebugControl, "logit", listOf(draws, BOTH), explained, removed.random),
            result(".maps", ResultKind.AttentionMaps, "attention to patches", listOf(MAPS) + grid, explained) { one ->
                one.maps.flatten()
            }.copy(groups = COMPARED),
            result(
                ".attribution",
                ResultKind.DirectLogitAttribution,
                "logitDifference",
                listOf(AxisSpec("component", explained.first().shares.components().map { it.label() })),
                explained,
            ) { it.shares.shares().toList() }.copy(baseline = mapOf("clean" to differences)),
            result(".patches", ResultKind.PatchAttribution, "logitDifference", grid, explained) { it.patches },
        )
    }

    private fun explained(contrast: ContrastSpec): PredictionEvidence {
        val input = inputs.of(contrast.clean)
        val logits = classes.logits(contrast.clean)
        val right = checkNotNull(contrast.answer).id
        val rival = PredictionEvidence.rival(logits, right)
        val prompt = DirectLogitAttribution.Prompt(input, right, rival)
        val grid = PatchGrid.of(on.backend.config, input)
        val sources = on.backend.answer(SourceShares(prompt)).shares()
        val perPosition =
            DoubleArray(input.length()) { at -> sources.sumOf { layer -> layer.sumOf { head -> head[at] } } }
        return PredictionEvidence(
            contrast,
            input,
            logits,
            right,
            maps(contrast, input, grid, right, rival),
            on.backend.answer(Attribution(listOf(prompt))).single(),
            grid.patches(perPosition).toList(),
        )
    }

    private fun maps(
        contrast: ContrastSpec,
        input: Input,
        grid: PatchGrid,
        right: Int,
        rival: Int,
    ): List<List<Double>> {
        val pattern = on.backend.answer(Patterns(input, List(on.backend.config.layers()) { it }))
        val last = PatchMaps.ofImage(pattern, grid).means().last().toList()
        val rollout = AttentionRollout.of(pattern, AttentionRollout.Options.PAPER).last()
        return listOf(
            last,
            grid.fromImage(rollout),
            classes.relevance(contrast.clean, Logit(right)),
            classes.relevance(contrast.clean, Logit(rival)),
        )
    }

    private fun sentence(
        one: PredictionEvidence,
        names: List<String>,
    ): String {
        val probabilities = ClassifierOutputs.probabilities(one.logits)

        fun percent(id: Int) = 100 * probabilities[id]

        fun shown(id: Int) =
            names[id] + if (percent(id) < 0.1) " (below 0.1 %)" else " (%.1f %%)".format(Locale.ROOT, percent(id))
        val verdict =
            if (one.taken == one.right) {
                "predicted rightly as ${shown(one.right)}, then ${shown(one.rival)}"
            } else {
                "class ${shown(one.right)}, predicted as ${shown(one.taken)}"
            }
        return "${one.contrast.label}: $verdict."
    }

    private fun result(
        suffix: String,
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        explained: List<PredictionEvidence>,
        row: (PredictionEvidence) -> List<Double>,
    ): Result = result(suffix, kind, metric, axes, explained, explained.map(row))

    private fun result(
        suffix: String,
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        explained: List<PredictionEvidence>,
        rows: List<List<Double>>,
    ): Result = measured(spec.name + suffix, kind, metric, axes, explained.map { it.contrast.label }, rows)

    private companion object {
        val KIND = ResultKind.DebugPrediction
        const val NOTED = 20
        val BOTH = AxisSpec("class", listOf("right class", "rival"))

        /** Groups of [MAPS] with a common scale: the last two. */
        val COMPARED = listOf(0, 1, 2, 2)
        val MAPS =
            AxisSpec("map", listOf("last layer's attention", "rollout", "for the right class", "for the rival"))
    }
}
