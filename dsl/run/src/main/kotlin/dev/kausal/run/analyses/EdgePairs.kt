package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgePair
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.requests.CircuitMetrics
import dev.kausal.engine.requests.Outputs
import dev.kausal.engine.requests.PairMetrics
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.inputs.metric
import dev.kausal.run.inputs.readAt
import dev.kausal.run.inputs.value
import dev.kausal.run.sweep.noiseFloor
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.RunSpec
import java.util.BitSet
import java.util.Locale
import kotlin.math.abs

/** The examples of [analysis] as pairs whose [metric] is measured in circuits. */
internal class EdgePairs(
    private val analysis: AnalysisSpec,
    private val metric: MetricSpec,
    private val on: RunContext,
) {
    private val functions = ScriptFunctions(on.experiment)

    /** The edges of the model. */
    val graph: EdgeGraph = EdgeGraph(on.backend.config)

    /** Returns the pair of [contrast]. */
    fun of(contrast: ContrastSpec): EdgePair {
        val clean = on.inputs.of(contrast.clean)
        val engine = contrast.metric(metric, { 0 }) { named(it, contrast) }
        val references =
            if (engine.reference().isPresent) {
                on.backend.answer(Outputs(listOf(clean), listOf(contrast.clean.readAt))).toList()
            } else {
                emptyList()
            }
        val corrupted = on.inputs.of(checkNotNull(contrast.corrupted))
        return EdgePair(clean, corrupted, contrast.clean.readAt, engine, references)
    }

    private fun named(
        spec: MetricSpec.Named,
        contrast: ContrastSpec,
    ): Metric {
        on.backend.local("The metric '${spec.name}' of ${analysis.name}")
        return functions.metric(spec, contrast, RunSpec.Clean, contrast.clean) {
            "in ${analysis.name}, on '${contrast.label}'"
        }
    }

    /** Returns the metric of [contrast] in each of [circuits]. */
    fun metrics(
        contrast: ContrastSpec,
        circuits: List<BitSet>,
    ): List<Double> = values(on.backend.answer(CircuitMetrics(of(contrast), circuits)))

    /** Returns the metrics of [contrast] in the clean and in the corrupted run. */
    fun ends(contrast: ContrastSpec): List<Double> = values(on.backend.answer(PairMetrics(of(contrast))))

    /** Returns the metric's values from those that the engine measured. */
    fun values(found: DoubleArray): List<Double> =
        found.map(metric::value)

    /**
     * Throws if the mean metrics of clean and corrupted runs differ by no more than rounding; returns the largest difference that
     * may be rounding.
     *
     * @param clean of each example
     * @param corrupted of each example
     */
    fun requireGap(
        clean: List<Double>,
        corrupted: List<Double>,
    ): Double {
        val floor = floor(clean)
        val gap = clean.average() - corrupted.average()
        if (!(abs(gap) > floor)) throw NothingToExplainException(analysis, metric, gap, floor)
        return floor
    }

    /** Returns the largest difference of two metrics that may be rounding, given some [values] of it. */
    fun floor(values: List<Double>): Double {
        val prompts = on.contrasts(analysis).take(SOME).map { it.clean }
        val logits = on.backend.answer(Outputs(prompts.map(on.inputs::of), prompts.map { it.readAt }))
        val size = (logits.flatMap { it.toList() }.map { abs(it.toDouble()) } + values.map { abs(it) }).max()
        return NoiseFloor.MARGIN * on.backend.noiseFloor(0.0, 0, size).floor
    }

    private companion object {
        /** Examples whose logits show how large rounding is. */
        const val SOME = 4
    }
}

/** The clean and the corrupted runs of a set have the same metric, so that no edge can account for their difference. */
public class NothingToExplainException internal constructor(
    analysis: AnalysisSpec,
    metric: MetricSpec,
    gap: Double,
    floor: Double,
) : KausalException(
        Blame.USER,
        listOfNotNull(analysis.line?.let { "line $it" }, analysis.name).joinToString(", ") +
            ": the mean ${metric.text} of the clean and the corrupted runs differ by ${short(gap)}, " +
            "within rounding (${short(floor)}), so edges have no difference to carry; use corrupted prompts that " +
            "change the metric, or another metric",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L

        fun short(number: Double) = "%.2e".format(Locale.ROOT, number)
    }
}
