package dev.kausal.run.analyses

import dev.kausal.run.context.RunContext
import dev.kausal.run.directions.FittedDirections
import dev.kausal.run.directions.Halves
import dev.kausal.run.directions.LabelledVectors
import dev.kausal.run.directions.contributions
import dev.kausal.run.directions.cosine
import dev.kausal.run.directions.labelled
import dev.kausal.run.directions.norm
import dev.kausal.run.inference.measured
import dev.kausal.spec.DirectionRecord
import dev.kausal.spec.DirectionSpec
import dev.kausal.spec.FittedDirection
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.VectorSpec
import dev.kausal.spec.group
import dev.kausal.statistics.dot

/** Directions between two classes of prompts; runs before all sweeps, whose edits use them. */
internal object DirectionAnalysis : Reading<DirectionSpec>(DirectionSpec::class, Stage.DIRECTIONS) {
    override fun results(
        spec: DirectionSpec,
        on: RunContext,
    ): List<Result> {
        val labelled = on.labelled(spec.name, spec.contrasts, spec.vectors)
        val halves = Halves.of(spec.name, labelled, spec.by, spec.seed)
        val fitted = FittedDirections(spec.vectors, spec.fit, labelled, halves)
        val splits = HashMap<Long?, FittedDirections>().apply { put(null, fitted) }
        on.inputs.resolve { vector ->
            (vector as? VectorSpec.Fitted)?.takeIf { it.direction == spec.name }?.let {
                splits.getOrPut(it.split) {
                    fitted.on(Halves.of(spec.name, labelled, spec.by, checkNotNull(it.split)))
                }.resolved(it)
            }
        }
        return listOf(DirectionResult(spec, labelled, halves, fitted, on).result())
    }
}

/** The result of a fit: its directions, and how much of the fitted difference is found on the other half. */
private class DirectionResult(
    private val spec: DirectionSpec,
    private val labelled: LabelledVectors,
    private val halves: Halves,
    private val fitted: FittedDirections,
    private val on: RunContext,
) {
    private val examples = labelled.examples
    private val names = spec.vectors.points.indices.map { cell ->
        val labels = spec.vectors.axes.let { axes ->
            if (axes.size == 1) "L$cell" else "L${cell / axes[1].labels.size}H${cell % axes[1].labels.size}"
        }
        "${spec.name}.$labels"
    }

    fun result(): Result {
        val cells = fitted.cells.indices.map(::shares)
        val rows = examples.indices.map { example -> cells.map { it[example] } }
        val labels = examples.map { it.label }
        val result =
            measured(spec.name, ResultKind.Direction, DirectionSpec.SHARE, spec.vectors.axes, labels, rows)
                .copy(directions = record(), notes = notes())
        return on.inference?.of(result, examples) ?: result
    }

    /** Returns for each example its part of the difference along the direction fitted on the other half, as a share of that direction. */
    private fun shares(cell: Int): Map<Int, Double> =
        fitted.half.indices.groupBy { fitted.half[it] }.flatMap { (half, own) ->
            val direction = fitted.cells[cell].outside[half]
            val square = dot(direction, direction)
            if (square == 0.0) return@flatMap emptyList()
            contributions(
                own.map { dot(labelled.vectors[cell][it], direction) / square },
                own.map { labelled.prompts[it].isFirst },
                own.map { labelled.prompts[it].example },
            ).entries
        }.associate { it.toPair() }

    private fun record(): DirectionRecord {
        val own = fitted.cells.indices.map { cell ->
            val (first, second) = fitted.cells[cell].outside
            FittedDirection(
                names[cell],
                norm(fitted.cells[cell].whole),
                fitted.activationNorm(cell),
                cosine(first, second),
            )
        }
        val groups = List(2) { half -> examples.filter { halves.of[it.group(spec.by)] == half }.map { it.label } }
        val (file, sha256) = on.arrays.directions(spec.name, vectors(), metadata(groups))
        return DirectionRecord(file, sha256, groups, own)
    }

    /** The directions by name; that outside of one half was fitted on the other one. */
    private fun vectors(): Map<String, List<FloatArray>> =
        fitted.cells.flatMapIndexed { cell, found ->
            listOf("" to found.whole, ".half1" to found.outside[1], ".half2" to found.outside[0])
                .map { (end, vector) -> names[cell] + end to listOf(FloatArray(vector.size) { vector[it].toFloat() }) }
        }.toMap()

    private fun metadata(halves: List<List<String>>): Map<String, String> =
        mapOf(
            "fit" to spec.fit.name,
            "sites" to spec.vectors.points.map { it.site }.distinct().joinToString(),
            "at" to spec.vectors.at.toString(),
            "classes" to spec.vectors.classes.toString(),
            "half1" to halves[0].joinToString("; "),
            "half2" to halves[1].joinToString("; "),
        )

    private fun notes(): List<String> {
        val none = names.indices.filter { norm(fitted.cells[it].whole) == 0.0 }
        val same = "The classes have equal activations, up to rounding, at ${none.joinToString { names[it] }}: " +
            "no direction there."
        return listOfNotNull(
            "Each example is measured along the direction fitted on the half of the groups without it.",
            same.takeIf { none.isNotEmpty() },
        )
    }
}
