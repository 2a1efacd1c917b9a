package dev.kausal.run.controls

import dev.kausal.run.analyses.Planned
import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.meanOver
import dev.kausal.run.sweep.SweepResult
import dev.kausal.spec.Control
import dev.kausal.spec.Result
import dev.kausal.spec.SweepSpec
import kotlin.math.abs

/** The controls that apply to [sweep], as sweeps, and its result including their outcomes. */
internal class SweepControls(
    private val sweep: SweepSpec,
    private val on: RunContext,
) : Planned {
    private val controlled: ControlledSweep? = strongest()?.let { cell ->
        val layers = on.backend.config.layers()
        ControlledSweep(sweep, cell, on.contrasts(sweep), on.rankings.result(sweep.name), layers, on.spec.seed)
    }

    private val planned: List<Pair<ControlRule, List<ControlPart>>> =
        controlled?.let { of -> CONTROLS.mapNotNull { rule -> rule.parts(of)?.let { rule to it } } }.orEmpty()

    override val asked: List<SweepRequest> = planned.flatMap { (_, parts) -> parts.map { it.asked } }

    override fun results(swept: List<SweepResult>): List<Result> {
        val made = swept.iterator()
        val found = planned.map { (rule, parts) -> control(rule, parts, List(parts.size) { made.next() }) }
        return listOf(on.results.getValue(sweep.name).copy(controls = found))
    }

    /** Returns the index of the cell with the largest mean effect; null if no cell has one. */
    private fun strongest(): Int? {
        val means = meanOver(on.rankings.effects(sweep.name))
        return means.indices.filter { means[it] != null }.maxByOrNull { abs(means[it]!!) }
    }

    private fun control(
        rule: ControlRule,
        parts: List<ControlPart>,
        swept: List<SweepResult>,
    ): Control {
        val of = checkNotNull(controlled)
        val values = MutableList<Double?>(of.result.examples.size) { null }
        parts.zip(swept) { part, outcome ->
            part.examples.forEachIndexed { row, example ->
                values[example] = outcome.plainMean(row)?.let { rule.effect(of, example, it) }
            }
        }
        val worst = worst(rule, of, values)
        val interval = on.inference?.interval(sweep.name + rule.kind, values, on.rankings.contrasts(sweep.name))
        return Control(
            rule.kind,
            of.strongest,
            rule.expected,
            values,
            values.filterNotNull().takeIf { it.isNotEmpty() }?.average(),
            interval?.low,
            interval?.high,
            worst?.deviation,
            worst?.let { it.deviation <= it.allowed },
            worst?.allowed,
        )
    }

    /** The deviation of a value from the expected one, and what rounding allows. */
    private class Deviation(
        val deviation: Double,
        val allowed: Double,
    )

    /** Returns the value furthest from the expected one, relative to what rounding allows; null if none is expected. */
    private fun worst(
        rule: ControlRule,
        of: ControlledSweep,
        values: List<Double?>,
    ): Deviation? {
        val expected = rule.expected ?: return null
        return values
            .mapIndexedNotNull { example, value ->
                value?.let { Deviation(abs(it - expected), rule.allowed(of, example)) }
            }.maxByOrNull { it.deviation / maxOf(it.allowed, Double.MIN_VALUE) }
    }
}
