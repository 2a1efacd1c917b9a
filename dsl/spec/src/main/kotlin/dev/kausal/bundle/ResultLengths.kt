package dev.kausal.bundle

import dev.kausal.spec.Bfloat16Screening
import dev.kausal.spec.Change
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.Control
import dev.kausal.spec.ExampleRatios
import dev.kausal.spec.Result
import dev.kausal.spec.Screening
import dev.kausal.spec.SwapRecord

/** Checks that all lists of one result have one number per cell, per example, or per both. */
internal class ResultLengths(
    private val result: Result,
) {
    private val labels = result.axes.map { it.labels.size }
    private val cells: Long = labels.fold(1L) { all, size -> all * size }
    private val rows: Int = result.perExample.size

    /** Returns a description of the first list of another length, to follow "has"; null if there is none. */
    fun violation(): String? =
        sizes()
            ?: grids().firstNotNullOfOrNull { (name, rows) -> grid(name, rows) }
            ?: perCell().firstNotNullOfOrNull { (name, list) -> cells(name, list.size) }
            ?: result.baseline.entries.firstNotNullOfOrNull { (run, list) -> examples("baseline.$run", list.size) }
            ?: result.controls.firstNotNullOfOrNull(::control)
            ?: result.groups?.size?.takeIf { it != labels.firstOrNull() }?.let {
                "a first axis of ${labels.firstOrNull()} labels, but $it groups"
            }
            ?: result.circuit?.let(::circuit)
            ?: result.roc?.let { cells("roc", it.size) }
            ?: fits()
            ?: screening(result.exact, result.screening)
            ?: result.bfloat16?.let(::again)

    /** Checks what directions and probes have for each cell. */
    private fun fits(): String? {
        val probe = result.probe
        val sizes = listOfNotNull(
            result.directions?.let { "directions" to it.cells.size },
            probe?.let { "probe.shuffled" to it.shuffled.size },
            probe?.let { "probe.random" to it.random.size },
            result.alignment?.let { "alignment.losses" to it.losses.size },
        ) + result.alignment?.swaps.orEmpty().flatMap(::lengths) +
            result.dose?.let { it.random + it.shuffled }.orEmpty().map { "dose" to it.size }
        return sizes.firstNotNullOfOrNull { (name, size) -> cells(name, size) }
    }

    private fun lengths(swap: SwapRecord): List<Pair<String, Int>> =
        listOfNotNull(swap.mean, swap.fitted, swap.gainLow, swap.gainHigh).map { "alignment.${swap.swap}" to it.size }

    private fun sizes(): String? =
        when {
            result.shape != labels -> "axes of $labels labels, but a shape of ${result.shape}"
            result.examples.size != rows -> "${result.examples.size} examples, but $rows rows"
            else -> null
        }

    private fun grids(): List<Pair<String, List<List<*>>>> =
        listOfNotNull(
            "" to result.perExample,
            result.plain?.let { "plain" to it },
            result.top?.let { "top" to it },
            result.texts?.let { "texts" to it },
        )

    private fun perCell(): Map<String, List<*>> {
        val statistics =
            with(result) {
                mapOf(
                    "mean" to mean,
                    "ciLow" to ciLow,
                    "ciHigh" to ciHigh,
                    "pValue" to pValue,
                    "pCorrected" to pCorrected,
                    "median" to median,
                    "standardError" to standardError,
                    "effect" to effect,
                ).filterValues { it.isNotEmpty() }
            }
        val audits =
            result.cellAudit?.let {
                mapOf(
                    "cellAudit.fired" to it.fired,
                    "cellAudit.unchanged" to it.unchanged,
                    "cellAudit.largestChange" to it.largestChange,
                )
            }
        val shares =
            listOf("faithfulness" to result.faithfulness, "completeness" to result.completeness)
                .mapNotNull { (name, list) -> list?.let { name to it } }
        val ratios = result.ratios?.let(::ratios).orEmpty()
        return statistics + audits.orEmpty() + result.change?.let(::change).orEmpty() + shares + ratios
    }

    private fun change(change: Change) =
        with(change) {
            mapOf(
                "change.mean" to mean,
                "change.standardError" to standardError,
                "change.ciLow" to ciLow,
                "change.ciHigh" to ciHigh,
            )
        }

    private fun ratios(ratios: ExampleRatios) =
        with(ratios) { mapOf("ratios.mean" to mean, "ratios.ciLow" to ciLow, "ratios.ciHigh" to ciHigh) }
            .filter { (name, list) -> name == "ratios.mean" || list.isNotEmpty() }

    private fun control(control: Control): String? =
        examples("controls", control.perExample.size)
            ?: "a control of cell ${control.cell}, but $cells cells".takeIf { control.cell !in 0 until cells }

    private fun circuit(circuit: CircuitRecord): String? =
        cells("circuit.sizes", circuit.sizes.size)
            ?: circuit.connected.firstNotNullOfOrNull { cells("circuit.connected", it.size) }
            ?: circuit.random.takeIf { it.isNotEmpty() }?.let { cells("circuit.random", it.size) }
            ?: circuit.without.takeIf { it.isNotEmpty() }?.let { cells("circuit.without", it.size) }

    private fun cells(
        name: String,
        size: Int,
    ): String? = "$cells cells, but $size numbers in $name".takeIf { size.toLong() != cells }

    private fun examples(
        name: String,
        size: Int,
    ): String? = "$rows examples, but $size numbers in $name".takeIf { size != rows }

    private fun grid(
        name: String,
        grid: List<List<*>>,
    ): String? {
        val sizes = grid.map { it.size }
        val place = if (name.isEmpty()) "" else " in $name"
        return when {
            sizes.size != rows -> "$rows examples, but ${sizes.size} rows$place"
            sizes.any { it.toLong() != cells } -> "$cells cells, but rows of ${sizes.distinct()} numbers$place"
            else -> null
        }
    }

    /** Checks cells that are in float32 beside others in bfloat16. */
    private fun again(screening: Bfloat16Screening): String? {
        val places = screening.cells
        return when {
            places.any { it !in 0 until cells } || places.distinct().size != places.size -> {
                "cells in float32 that are not those of a grid of $cells"
            }

            listOf(screening.bfloat16, screening.float32).any { it.size != places.size } -> {
                "${places.size} cells in float32, but ${screening.float32.size} changes"
            }

            else -> {
                null
            }
        }
    }

    /** Checks exact numbers beside estimates. */
    private fun screening(
        exact: List<List<Double?>>?,
        screening: Screening?,
    ): String? {
        val places = screening?.let { it.top + it.sampled }.orEmpty()
        return when {
            (exact != null || screening != null) && result.estimate == null -> {
                "exact numbers beside no estimate"
            }

            (exact == null) != (screening == null) -> {
                "exact numbers and how estimates agree, one without the other"
            }

            places.any { it !in 0 until cells } || places.distinct().size != places.size -> {
                "exact cells that are not those of a grid of $cells"
            }

            screening != null && listOf(screening.estimated, screening.exact).any { it.size != places.size } -> {
                "${places.size} exact cells, but ${screening.exact.size} exact changes"
            }

            else -> {
                exact?.let { grid("exact", it) }
            }
        }
    }
}
