package dev.kausal.run.analyses

import dev.kausal.run.context.RunContext
import dev.kausal.run.directions.AlignmentSearch
import dev.kausal.run.directions.Halves
import dev.kausal.run.directions.LabelledVectors
import dev.kausal.run.directions.SearchSettings
import dev.kausal.run.directions.TwoClasses
import dev.kausal.run.directions.labelled
import dev.kausal.run.directions.norm
import dev.kausal.run.inference.measured
import dev.kausal.spec.AlignmentRecord
import dev.kausal.spec.AlignmentSearchSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.DirectionRecord
import dev.kausal.spec.FittedDirection
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Swap
import dev.kausal.spec.SwapRecord
import dev.kausal.spec.ValueRange
import dev.kausal.spec.VectorSpec
import dev.kausal.statistics.dot
import kotlin.math.sqrt

/** Subspaces trained by distributed alignment search; runs before all sweeps, whose edits use them. */
internal object AlignmentSearchAnalysis :
    Reading<AlignmentSearchSpec>(AlignmentSearchSpec::class, Stage.DIRECTIONS) {
    override fun results(
        spec: AlignmentSearchSpec,
        on: RunContext,
    ): List<Result> {
        val labelled = on.labelled(spec.name, spec.contrasts, spec.vectors)
        val halves = Halves.of(spec.name, labelled, spec.by, spec.seed)
        val settings = spec.run { SearchSettings(name, vectors, training, seed, draws) }
        val search = AlignmentSearch(settings, labelled, halves, on)
        on.inputs.resolve { vector ->
            (vector as? VectorSpec.Fitted)?.takeIf { it.direction == spec.name }?.let(search.vectors::resolved)
        }
        return AlignmentResults(spec, labelled, search, on).all()
    }
}

/** The results of a search: accuracy by cell, and accuracy and logit difference beside the controls. */
private class AlignmentResults(
    private val spec: AlignmentSearchSpec,
    private val labelled: LabelledVectors,
    private val search: AlignmentSearch,
    private val on: RunContext,
) {
    private val examples = labelled.examples
    private val cells = search.cells.indices
    private val outcomes = search.outcomes()
    private val names = spec.vectors.axes.single().labels.map { "${spec.name}.L$it" }

    private val classes = labelled.vectors.map { rows ->
        TwoClasses(rows, labelled.prompts.map { it.isFirst }, labelled.prompts.map { it.example })
    }

    /** Held-out accuracy of each swap [cell][example]. */
    private val accuracy = Swap.entries.associateWith { swap ->
        outcomes.map { it.getValue(swap).heldOut.map { draws -> draws.map { one -> one.right }.mean() } }
    }
    private val difference = Swap.entries.associateWith { swap ->
        outcomes.map {
            it.getValue(swap).heldOut.map { draws ->
                draws.map { one -> one.difference.takeIf(Double::isFinite) }.mean()
            }
        }
    }

    fun all(): List<Result> = listOf(own(), compared("controls", accuracy), compared("logitDifference", difference))

    private fun own(): Result {
        val rows = rows(accuracy.getValue(Swap.Trained))
        val result =
            measured(
                spec.name,
                ResultKind.AlignmentSearch,
                AlignmentSearchSpec.ACCURACY,
                spec.vectors.axes,
                labels(),
                rows,
            )
        val inferred = on.inference?.of(
            result,
            examples,
            unedited = rows(accuracy.getValue(Swap.None)),
            range = ValueRange.SHARE,
        ) ?: result
        return inferred.copy(alignment = alignment(), directions = directions(), notes = inferred.notes + notes())
    }

    private fun compared(
        end: String,
        values: Map<Swap, List<List<Double?>>>,
    ): Result {
        val axis = AxisSpec("swap", Swap.entries.map { it.label })
        val rows = rows(Swap.entries.flatMap { values.getValue(it) })
        val kind = if (values === accuracy) ResultKind.InterchangeAccuracy else ResultKind.InterchangeDifference
        val metric = if (values === accuracy) AlignmentSearchSpec.ACCURACY else AlignmentSearchSpec.DIFFERENCE
        val result = measured("${spec.name}.$end", kind, metric, listOf(axis) + spec.vectors.axes, labels(), rows)
        val range = if (values === accuracy) ValueRange.SHARE else ValueRange.ANY
        return on.inference?.of(result, examples, tested = { false }, range = range) ?: result
    }

    private fun labels() = examples.map { it.label }

    /** Returns [cells] [cell][example] as [example][cell]. */
    private fun rows(cells: List<List<Double?>>): List<List<Double?>> =
        examples.indices.map { example -> cells.map { it[example] } }

    private fun alignment(): AlignmentRecord {
        val swaps = Swap.entries.map { swap ->
            val intervals = cells.map { cell -> gain(swap, cell) }
            SwapRecord(
                swap = swap,
                mean = accuracy.getValue(swap).map { it.mean() },
                fitted = fitted(swap),
                gainLow = intervals.map { it?.first },
                gainHigh = intervals.map { it?.second },
            )
        }
        val losses = search.cells.map { cell ->
            val all = cell.whole.losses()
            all.takeLast(maxOf(1, all.size / LAST)).average()
        }
        return AlignmentRecord(spec.training.rank, swaps, losses)
    }

    /** Returns the interval of the trained subspace's accuracy minus that of [swap]. */
    private fun gain(
        swap: Swap,
        cell: Int,
    ): Pair<Double, Double>? {
        if (swap == Swap.Trained) return null
        val own = accuracy.getValue(Swap.Trained)[cell]
        val other = accuracy.getValue(swap)[cell]
        val gains = own.zip(other) { a, b -> if (a == null || b == null) null else a - b }
        return on.inference?.interval("${spec.name}.${swap.name}.$cell", gains, examples)?.let { it.low to it.high }
    }

    private fun fitted(swap: Swap): List<Double>? {
        val found = outcomes.mapNotNull { it.getValue(swap).fitted }
        return found.takeIf { it.isNotEmpty() }?.map { cell -> cell.mapNotNull { it.right }.average() }
    }

    private fun directions(): DirectionRecord {
        val fitted = cells.map { cell ->
            val own = search.cells[cell]
            val along = own.whole.basis().map { dot(classes[cell].difference, it) }
            val (first, second) = own.outside.map { it.basis() }
            FittedDirection(names[cell], sqrt(along.sumOf { it * it }), classes[cell].meanNorm, overlap(first, second))
        }
        val groups = List(2) { half ->
            examples.filterIndexed {
                example,
                _,
                ->
                search.half[example] == half
            }.map { it.label }
        }
        val (file, sha256) = on.arrays.directions(spec.name, arrays(), metadata(groups))
        return DirectionRecord(file, sha256, groups, fitted)
    }

    /** The bases by name; that outside of one half was trained on the other one. */
    private fun arrays(): Map<String, List<FloatArray>> =
        cells.flatMap { cell ->
            val own = search.cells[cell]
            listOf("" to own.whole, ".half1" to own.outside[1], ".half2" to own.outside[0]).map { (end, trained) ->
                names[cell] + end to trained.basis().map { vector -> FloatArray(vector.size) { vector[it].toFloat() } }
            }
        }.toMap()

    private fun metadata(halves: List<List<String>>): Map<String, String> =
        mapOf(
            "fit" to "distributedAlignmentSearch",
            "training" to spec.training.toString(),
            "sites" to spec.vectors.points.map { it.site }.joinToString(),
            "at" to spec.vectors.at.toString(),
            "half1" to halves[0].joinToString("; "),
            "half2" to halves[1].joinToString("; "),
        )

    private fun notes(): List<String> {
        val same = cells.filter { cell ->
            classes[cell].differences().all { norm(it) <= ROUNDING * classes[cell].meanNorm }
        }
        val nothing = "Clean and corrupted prompts have equal activations, up to rounding, at " +
            "${same.joinToString { names[it] }}: nothing to exchange there."
        return listOfNotNull(
            "Each contrast is measured with the subspace trained on the half of the groups without it.",
            nothing.takeIf { same.isNotEmpty() },
        )
    }

    private companion object {
        /** Part of the losses that are averaged. */
        const val LAST = 10

        /** Share of the activations' norm below which a difference may be rounding of float32. */
        const val ROUNDING = 1e-6
    }
}

/** Returns the mean of the numbers that are present; null if none is. */
private fun List<Double?>.mean(): Double? = filterNotNull().takeIf { it.isNotEmpty() }?.average()

/** Returns the root mean square of the cosines of the principal angles between two subspaces of equal rank. */
private fun overlap(
    a: List<DoubleArray>,
    b: List<DoubleArray>,
): Double = sqrt(a.sumOf { one -> b.sumOf { other -> dot(one, other).let { it * it } } } / a.size)
