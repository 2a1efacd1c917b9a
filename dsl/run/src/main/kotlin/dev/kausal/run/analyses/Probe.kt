package dev.kausal.run.analyses

import dev.kausal.run.context.RunContext
import dev.kausal.run.directions.HalvedProbe
import dev.kausal.run.directions.Halves
import dev.kausal.run.directions.LabelledVectors
import dev.kausal.run.directions.TwoClasses
import dev.kausal.run.directions.areaContributions
import dev.kausal.run.directions.labelled
import dev.kausal.run.directions.shuffled
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.Seeds
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ProbeControls
import dev.kausal.spec.ProbeSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.ValueRange
import dev.kausal.spec.group
import dev.kausal.statistics.dot
import java.util.Random

/** Probes of two classes of prompts, on the half of the examples without fit and on other sets. */
internal object ProbeAnalysis : JournaledReading<ProbeSpec>(ProbeSpec::class) {
    override fun read(
        spec: ProbeSpec,
        on: RunContext,
    ): List<Result> {
        val labelled = on.labelled(spec.name, spec.contrasts, spec.vectors)
        val runs = List(spec.splits) { split ->
            ProbeRun(spec, labelled, Halves.of(spec.name, labelled, spec.by, spec.seed + split), on)
        }
        val run = runs.first()
        val bySplit = if (runs.size == 1) emptyList() else runs.map { it.areas() }
        return listOf(run.area(bySplit), run.accuracy()) + spec.transfer.map(run::transferred)
    }
}

private class ProbeRun(
    private val spec: ProbeSpec,
    private val labelled: LabelledVectors,
    private val halves: Halves,
    private val on: RunContext,
) {
    private val examples = labelled.examples
    private val example = labelled.prompts.map { it.example }
    private val isFirst = labelled.prompts.map { it.isFirst }
    private val half = example.map { halves.of.getValue(examples[it].group(halves.by)) }
    private val cells = labelled.vectors.map { TwoClasses(it, isFirst, example) }

    /** The probes of each cell; number h is fitted outside of half h. */
    private val probes: List<HalvedProbe> = cells.map { HalvedProbe(it, half, spec.fit) }

    /** Scores of each cell and prompt by the probe that was fitted without it. */
    private val scores = probes.indices.map { cell -> example.indices.map { probes[cell].score(it) } }

    /** Returns the mean area of each cell. */
    fun areas(): List<Double> = scores.map { contributions(it).values.average() }

    /** Returns the areas, with those of each division in [bySplit] [split][cell]. */
    fun area(bySplit: List<List<Double>>): Result {
        val own = scores.map { contributions(it) }
        val result = result(spec.name, ResultKind.Probe, ProbeSpec.AREA, examples, own)
        return result.copy(
            probe = controls(bySplit),
            notes = result.notes + NOTE,
        )
    }

    fun accuracy(): Result {
        val own = scores.map { scores ->
            example.indices.groupBy { example[it] }.mapValues { (_, prompts) ->
                prompts.count { (scores[it] > 0) == isFirst[it] }.toDouble() / prompts.size
            }
        }
        return result("${spec.name}.accuracy", ResultKind.ProbeAccuracy, ProbeSpec.ACCURACY, examples, own)
    }

    /** Returns the AUROC on the set called [set] of the probes fitted on all examples of other groups. */
    fun transferred(set: String): Result {
        val there = on.labelled("${spec.name} on $set", set, spec.vectors)
        val first = there.prompts.map { it.isFirst }
        val of = there.prompts.map { it.example }
        val own = probes.indices.map { cell ->
            val scores = there.prompts.mapIndexed { i, prompt ->
                val known = halves.of[there.examples[prompt.example].group(halves.by)]
                probes[cell].of(known).score(there.vectors[cell][i])
            }
            areaContributions(scores, first, of)
        }
        val shown = on.spec.shown(set)
        val result =
            result("${spec.name}.on.$set", ResultKind.ProbeTransfer, ProbeSpec.TRANSFER, there.examples, own)
                .copy(set = set)
        val shared = there.examples.count { it.group(halves.by) in halves.of }
        val note = "$shared of ${there.examples.size} examples of $shown share a group with the fitted set: the " +
            "probe fitted on the half without it measures them."
        val sets = "Fitted on ${on.spec.shown(spec.contrasts)}, measured on $shown."
        return result.copy(notes = result.notes + listOfNotNull(sets, note.takeIf { shared > 0 }))
    }

    /** Returns contributions to the area within each half, whose scores are of different probes. */
    private fun contributions(
        scores: List<Double>,
        first: List<Boolean> = isFirst,
    ): Map<Int, Double> =
        half.indices.groupBy { half[it] }.values.flatMap { own ->
            areaContributions(own.map { scores[it] }, own.map { first[it] }, own.map { example[it] }).entries
        }.associate { it.toPair() }

    /** Measures shuffled classes on held-out examples with classes shuffled alike. */
    private fun controls(bySplit: List<List<Double>>): ProbeControls {
        val draws = List(spec.draws) { draw -> shuffled(isFirst, example, half, spec.seed + draw) }
        val byChance = cells.map { classes ->
            draws.map { first ->
                val probe = HalvedProbe(TwoClasses(classes.rows, first, example), half, spec.fit)
                contributions(example.indices.map { probe.score(it) }, first).values.average()
            }
        }
        val random = cells.mapIndexed { cell, classes ->
            List(spec.draws) { draw ->
                val drawn = Random(Seeds.direction(spec.seed + draw, spec.vectors.points[cell].toString()))
                val direction = DoubleArray(classes.rows.first().size) { drawn.nextGaussian() }
                contributions(classes.rows.map { dot(direction, it) }).values.average()
            }
        }
        val splits = if (bySplit.isEmpty()) emptyList() else cells.indices.map { cell -> bySplit.map { it[cell] } }
        return ProbeControls(byChance, random, splits)
    }

    private fun result(
        name: String,
        kind: ResultKind,
        metric: String,
        examples: List<ContrastSpec>,
        own: List<Map<Int, Double>>,
    ): Result {
        val rows = examples.indices.map { i -> own.map { it[i] } }
        val result = measured(name, kind, metric, spec.vectors.axes, examples.map { it.label }, rows)
        val chance = rows.map { row -> row.map { CHANCE } }
        return on.inference?.of(result, examples, unedited = chance, range = ValueRange.OF_TWO_CLASSES) ?: result
    }

    private companion object {
        const val CHANCE = 0.5
        const val NOTE =
            "Each probe is fitted on one half of the groups and measured on the other; an example's number is its " +
                "contribution to the area (DeLong et al. 1988)."
    }
}
