package dev.kausal.run.sweep

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.Part
import dev.kausal.engine.edits.PositionRange
import dev.kausal.engine.edits.Replacement
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.Cells
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.tensor.Indices
import dev.kausal.run.inputs.rows
import dev.kausal.spec.EditSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec

/**
 * The cells of a sweep's plan, made from its grid when they are asked for: of each there are two numbers, the run that it
 * edits and its place in the grid. Cells that have more of their own, such as a script's function, exist as objects.
 *
 * @property runs the edited runs, by number
 * @property grid what cells of the grid do, by place
 */
internal class SweepCells(
    private val runs: List<EditedRun>,
    private val grid: List<GridCell>,
    private val runOf: IntArray,
    private val placeOf: IntArray,
    private val own: Map<Int, Cell>,
) : Cells() {
    override val size: Int get() = runOf.size

    /** Number of cells that exist as objects. */
    val made: Int get() = own.size

    override fun run(index: Int): Int = runs[runOf[index]].index

    override fun metric(index: Int): Metric = own[index]?.metric() ?: checkNotNull(runs[runOf[index]].metric)

    override fun edits(index: Int): Int = if (placeOf[index] < 0) 0 else grid[placeOf[index]].edits.size

    override fun get(index: Int): Cell {
        val run = runs[runOf[index]]
        own[index]?.let { return it }
        val metric = checkNotNull(run.metric)
        val cell = if (placeOf[index] < 0) return Cell(run.index, emptyList(), metric) else grid[placeOf[index]]
        if (cell.edits.size == 1) return Cell(run.index, cell.edit(0, run), metric)
        return Cell(run.index, cell.edits.indices.map { cell.edit(it, run) }, metric)
    }

    /** Collects cells in their order. */
    class Builder {
        private val runOf = Indices()
        private val placeOf = Indices()
        private val own = HashMap<Int, Cell>()

        /** Number of cells so far. */
        val size: Int get() = runOf.size()

        /** Adds a cell: of an edited run, by number, at a place of the grid, -1 for none; and [made], if it has more of its own. */
        fun add(
            run: Int,
            place: Int,
            made: Cell?,
        ) {
            if (made != null) own[size] = made
            runOf.add(run)
            placeOf.add(place)
        }

        fun build(
            runs: List<EditedRun>,
            grid: List<GridCell>,
        ) = SweepCells(runs, grid, runOf.ints(), placeOf.ints(), own)
    }
}

/**
 * A run that cells edit, and what they write into it.
 *
 * @property number in the order of first use
 * @property prompt the prompt whose positions edits name
 * @property values by number of the value
 */
internal class EditedRun(
    val number: Int,
    val key: RunKey,
    val prompt: PromptSpec,
    val values: Array<WrittenValue?>,
) {
    /** Index in the plan; -1 before it is known. */
    var index: Int = -1

    /** The metric of its cells; null if each has its own. */
    var metric: Metric? = null
}

/** What an edit of one run writes, at whatever place. */
internal sealed interface WrittenValue {
    /** The activations of the plan's run [index] at the place of the edit in [prompt]. */
    class Copied(
        val index: Int,
        val prompt: PromptSpec,
    ) : WrittenValue

    /** The same everywhere. */
    class Same(
        val replacement: Replacement,
    ) : WrittenValue
}

/**
 * What a cell of the grid does in any example.
 *
 * @property sites names of the hook points
 * @property values number of each edit's value; null if an edit writes what depends on more than its run
 */
internal class GridCell(
    val edits: List<EditSpec>,
    private val sites: List<String>,
    private val parts: List<Part>,
    val values: IntArray?,
) {
    /** Whether a span is edited token by token. */
    val steps: Boolean = edits.any { it.at is PlaceSpec.EachOf }

    private val fixed: List<PositionRange?> =
        edits.map { edit ->
            when (val at = edit.at) {
                PlaceSpec.All -> PositionRange.ALL
                is PlaceSpec.Position -> PositionRange.at(at.position)
                else -> null
            }
        }

    /** Returns the edit number [at] of a cell on [run]. */
    fun edit(
        at: Int,
        run: EditedRun,
    ): Edit {
        val spec = edits[at]
        val rows = fixed[at]
        val replacement =
            when (val value = run.values[checkNotNull(values)[at]]) {
                is WrittenValue.Copied -> FromRun(value.index, rows ?: spec.at.rows(value.prompt))
                is WrittenValue.Same -> value.replacement
                null -> error("a value that is not known")
            }
        return Edit(sites[at], rows ?: spec.at.rows(run.prompt), parts[at], replacement)
    }
}

/** Returns how many cells have a prompt of each length. */
internal fun SweepPlan.lengths(): Map<Int, Long> {
    val byRun = LongArray(runs().size)
    val cells = Cells.of(cells())
    for (cell in cells.indices) byRun[cells.run(cell)]++
    return byRun.indices.groupBy { runs()[it].length() }.mapValues { (_, runs) -> runs.sumOf { byRun[it] } }
}
