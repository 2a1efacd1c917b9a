package dev.kausal.run.sweep

import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.metrics.LargestLogit
import dev.kausal.engine.metrics.Logit
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.tensor.Precision
import dev.kausal.run.backend.Backend
import dev.kausal.run.backend.ProductShape
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.readJson
import dev.kausal.run.context.writeJson
import dev.kausal.run.inputs.continuations
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.RunSpec
import kotlinx.serialization.builtins.ListSerializer
import kotlin.math.abs

/**
 * Measures the [NoiseFloor] of sweeps: recomputes some of their unedited runs in another shape, each alone in its
 * batch, whereas the sweep batched many.
 */
internal class NoiseFloors(
    on: RunContext,
) {
    private val backend = on.backend
    private val progress = on.progress
    private val journal = on.journal

    /** An unedited run of a sweep: [cells] of [plan], one per continuation that is measured, had the values [values]. */
    class Unedited(
        val plan: SweepPlan,
        val cells: List<Cell>,
        val values: List<Double>,
        val contrast: ContrastSpec,
        val run: RunSpec,
        val metric: MetricSpec,
    ) {
        /** Identifies the run; sweeps of one set share runs. */
        val key: Any get() = listOf(contrast, run, metric)

        private val tokens: List<Int> get() = (contrast.answers + contrast.foils).map { it.id }

        /** The logits behind the metric: those of answer and foil, else the largest of all. */
        val sizes: List<Cell>
            get() {
                if (metric is MetricSpec.Likelihood) return cells.map { Cell(it.run(), emptyList(), LargestLogit()) }
                val all = tokens.map<Int, Metric> { Logit(it) }.ifEmpty { listOf(LargestLogit()) }
                return all.map { Cell(cells.single().run(), emptyList(), it) }
            }

        /** Number of tokens whose log probabilities, each a difference of logits, the metric sums; 1 for others. */
        val tokensSummed: Int
            get() = metric.continuations(contrast).maxOf { it.size }.coerceAtLeast(1)

        /** Returns how far [again], the same runs' values, are from [values] together. */
        fun difference(again: List<Double>): Double = values.zip(again) { a, b -> abs(a - b) }.sum()
    }

    /** Assigns each of [swept] its floor; [title] names them in the journal. */
    fun measure(
        swept: List<SweepResult>,
        title: String,
    ) {
        if (swept.isEmpty()) return
        val part = "rounding-$title"
        val kept = journal.readJson(part, FLOORS)?.takeIf { it.size == swept.size }
        val floors = kept ?: of(swept).also { journal.writeJson(part, FLOORS, it) }
        swept.zip(floors) { result, floor -> result.rounding = floor }
    }

    private fun of(swept: List<SweepResult>): List<NoiseFloor> {
        val wanted = swept.map { it.unedited(EXAMPLES) }
        val distinct = wanted.flatten().distinctBy { it.key }
        if (distinct.isEmpty()) return swept.map { backend.noiseFloor(0.0, 0, 0.0) }
        progress.begin("rounding of unedited runs", distinct.size)
        val again = values(ProductShape.OTHER, distinct) { it.cells }
        val sizes = values(ProductShape.SWEEP, distinct) { it.sizes }
        val exact =
            if (backend.precision == Precision.FLOAT32) null else values(ProductShape.FLOAT32, distinct) { it.cells }
        progress.end()
        val places = distinct.withIndex().associate { it.value.key to it.index }
        return wanted.map { group ->
            val at = group.map { places.getValue(it.key) }
            val differences = at.map { distinct[it].difference(again[it]) }.filter { it.isFinite() }
            val magnitudes =
                at.flatMap { run -> sizes[run].map { it * distinct[run].tokensSummed } + again[run] }
                    .map { abs(it) }
                    .filter { it.isFinite() }
            val lost = exact?.let { floats -> at.map { distinct[it].difference(floats[it]) }.filter { it.isFinite() } }
            backend.noiseFloor(
                differences.maxOrNull() ?: 0.0,
                at.size,
                magnitudes.maxOrNull() ?: 0.0,
                lost?.maxOrNull(),
            )
        }
    }

    private fun values(
        shape: ProductShape,
        of: List<Unedited>,
        cells: (Unedited) -> List<Cell>,
    ): List<List<Double>> {
        val plans = of.map { SweepPlan(it.plan.runs(), cells(it)) }
        val joined = SweepPlan.joined(plans)
        val values = backend.outcomes(joined, shape) { done -> progress.done(done * of.size / joined.cells().size) }
        var before = 0
        return plans.map { plan ->
            val own = values.subList(before, before + plan.cells().size)
            before += own.size
            own.map { it.value() }
        }
    }

    private companion object {
        /** Number of examples per set whose runs are recomputed. */
        const val EXAMPLES = 16
        val FLOORS = ListSerializer(NoiseFloor.serializer())
    }
}

/**
 * Returns the floor of values of [size], given that [runs] runs repeated in another shape differed by [measured], and by
 * [float32] from those in float32.
 *
 * In bfloat16, runs differ where a sum lies near the middle of two numbers and is rounded to the other one. The floor is
 * at least one such rounding of a logit.
 */
internal fun Backend.noiseFloor(
    measured: Double,
    runs: Int,
    size: Double,
    float32: Double? = null,
): NoiseFloor =
    when (precision) {
        Precision.FLOAT32 -> NoiseFloor.of(measured, runs, size, config.terms)
        Precision.BFLOAT16 -> NoiseFloor.of(measured, runs, size, 1, NoiseFloor.BFLOAT16, float32)
    }

/**
 * Number of consecutive rounded operations in a pass: attention and MLP of each layer, each a sum over the stream's
 * width.
 */
internal val ModelConfig.terms: Int get() = 2 * layers() * dModel()

/**
 * Returns whether the edits left every activation unchanged, up to the rounding between values computed in different
 * shapes.
 */
internal fun CellOutcome.unchanged(terms: Int): Boolean =
    largestChange() <= NoiseFloor.of(0.0, 0, size(), terms).floor * NoiseFloor.MARGIN
