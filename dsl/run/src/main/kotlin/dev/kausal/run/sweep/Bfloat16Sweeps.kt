package dev.kausal.run.sweep

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext

/** Computes sweeps in bfloat16, and the cells that decide something again in float32. */
internal class Bfloat16Sweeps(
    private val sweeps: Sweeps,
) {
    /**
     * Returns the results of [asked], computed together in each step: all cells in bfloat16, the largest in float32, then
     * those that the differences found so far leave undecided, until none is.
     */
    fun run(
        asked: List<SweepRequest>,
        name: String,
        on: RunContext,
    ): List<SweepResult> {
        val all = sweeps.computed(asked, "$name, in bfloat16", bfloat16 = true)
        val screens = all.map { Bfloat16Screen(it, sweeps, on.inference) }
        var step = 1
        while (true) {
            val open = screens.map { it to it.undecided() }.filter { (_, cells) -> cells.isNotEmpty() }
            if (open.isEmpty()) return screens.map { it.result() }
            val requests = open.map { (screen, cells) -> screen.asked(cells) }
            val again = sweeps.computed(requests, "$name, in float32 ($step)")
            open.zip(again) { (screen, cells), computed -> screen.take(cells, computed) }
            step++
        }
    }
}
