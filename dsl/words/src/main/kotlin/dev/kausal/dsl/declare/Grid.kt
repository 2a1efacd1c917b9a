package dev.kausal.dsl.declare

import dev.kausal.dsl.Dimension
import dev.kausal.dsl.Intervention
import dev.kausal.spec.ModelShape
import dev.kausal.spec.PromptSpec

/** What is known when a grid is laid out: the model's sizes, and the prompts that the grid's cells edit. */
internal class Frame(
    val shape: ModelShape,
    val prompts: List<PromptSpec>,
)

/** A grid as recorded: its dimensions, and the cells to be made once the [Frame] is known. */
internal class Grid(
    val dimensions: List<Dimension<*>>,
    val line: Int?,
    val cells: (Frame) -> List<Intervention>,
)
