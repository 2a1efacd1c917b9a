package dev.kausal.run.context

import dev.kausal.engine.plan.SweepPlan
import dev.kausal.spec.RunSpec

/**
 * The engine's computation for one sweep: [plan]'s cells are the [baselines] first, then the [grid].
 *
 * @property baselines for each unedited run, the plan's cells by example, one per sample of noise and continuation
 * @property grid for each example and grid cell, the plan's cells, one per sample of noise and continuation
 */
internal class CompiledSweep(
    val plan: SweepPlan,
    val baselines: Map<RunSpec, List<List<Int>>>,
    val grid: List<List<List<Int>>>,
)

/** The plans of sweeps that are computed together: of [each], and all as one. */
internal class SweepsPlan(
    val each: List<CompiledSweep>,
    val joined: SweepPlan,
)
