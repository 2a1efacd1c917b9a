package dev.kausal.dsl.declare

import dev.kausal.dsl.Dimension
import dev.kausal.dsl.Intervention
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.spec.ModelShape
import dev.kausal.spec.PromptSpec

/** Context for laying out a grid: the model's sizes and edges, and the prompts that its cells edit. */
internal class GridContext(
    val shape: ModelShape,
    val prompts: List<PromptSpec>,
    val edges: EdgeGraph,
)

/** A recorded grid: its dimensions, and its cells as a function of the [GridContext]. */
internal class SweepGrid(
    val dimensions: List<Dimension<*>>,
    val line: Int?,
    val cells: (GridContext) -> List<Intervention>,
)
