package dev.kausal.run.inference

import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.Among
import dev.kausal.spec.CellSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.ValueSpec
import kotlin.math.exp
import kotlin.math.ln

/** Sets of a model's heads, numbered layer by layer: [perLayer] in each of [layers]. */
internal class HeadSets(
    private val layers: Int,
    private val perLayer: Int,
) {
    /** All heads. */
    val all: List<Int> = (0 until layers * perLayer).toList()

    /** Returns a head as `layer.head`. */
    fun label(head: Int): String = "${head / perLayer}.${head % perLayer}"

    /** Returns the first heads of [order], as many as [chosen], from the same layers or from any. */
    fun likewise(
        chosen: List<Int>,
        order: List<Int>,
        among: Among,
    ): List<Int> {
        if (among == Among.AnyLayers) return order.take(chosen.size)
        val left = chosen.groupingBy { it / perLayer }.eachCount().toMutableMap()
        return order.filter { head ->
            val layer = head / perLayer
            val more = left[layer] ?: 0
            if (more > 0) left[layer] = more - 1
            more > 0
        }
    }

    /** Returns the number of possible sets in place of [chosen], the sets of several splits, all by one order. */
    fun possible(
        chosen: List<List<Int>>,
        among: Among,
    ): Double {
        if (among == Among.AnyLayers) return nested(layers * perLayer, chosen.map { it.size })
        return (0 until layers).fold(1.0) { product, layer ->
            product * nested(perLayer, chosen.map { heads -> heads.count { it / perLayer == layer } })
        }.coerceAtMost(Double.MAX_VALUE)
    }

    /** Returns the number of ways to take sets of [sizes] from [of] items, each set including the smaller ones. */
    private fun nested(
        of: Int,
        sizes: List<Int>,
    ): Double {
        val steps = (sizes.distinct().sorted() + of).zipWithNext { a, b -> b - a } + (sizes.minOrNull() ?: 0)
        return Math.rint(exp(logFactorial(of) - steps.sumOf { logFactorial(it) }))
    }

    private fun logFactorial(n: Int): Double = (2..n).sumOf { ln(it.toDouble()) }

    /** Returns the cell that replaces [heads] in [run] by [value]. */
    fun cell(
        heads: List<Int>,
        run: RunSpec,
        value: ValueSpec,
    ): CellSpec =
        CellSpec(
            run,
            heads.sorted().map {
                EditSpec(HookKind.Z.name(it / perLayer), PartSpec.Head(it % perLayer), value = value)
            },
        )
}
