package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.BuiltInMetric
import dev.kausal.dsl.CleanRun
import dev.kausal.dsl.CorruptedRun
import dev.kausal.dsl.EdgeDimension
import dev.kausal.dsl.EditedRun
import dev.kausal.dsl.Intervention
import dev.kausal.dsl.LikelihoodMetric
import dev.kausal.dsl.Metric
import dev.kausal.dsl.NamedMetric
import dev.kausal.dsl.NoisedRun
import dev.kausal.dsl.PatchDimension
import dev.kausal.dsl.PositionDimension
import dev.kausal.dsl.RecoveryMetric
import dev.kausal.dsl.Run
import dev.kausal.dsl.Span
import dev.kausal.dsl.SweepDeclaration
import dev.kausal.dsl.Top
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.GridContext
import dev.kausal.dsl.declare.SweepGrid
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.mistakes.EditMistake
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.PathMistake
import dev.kausal.dsl.mistakes.PromptLength
import dev.kausal.dsl.toSpec
import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ChoiceSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.WriterSpec

/** Lays out a sweep's grid, runs its `each` block and checks the cells. */
internal class SweepBinder(
    private val binding: Binding,
    private val needs: InputRequirements,
    private val sites: SiteChecks,
) {
    private val mistakes = binding.mistakes
    private val paths = PathBinder(binding)

    fun bind(
        sweep: SweepDeclaration,
        set: ContrastSetSpec,
    ): SweepSpec? {
        val grid = sweep.grids.singleOrNull()
        if (grid == null) {
            mistakes += Mistake.NotOneGrid(sweep.line, sweep.name, sweep.grids.size)
            return null
        }
        if (PatchDimension in grid.dimensions && set.contrasts.any { it.clean.image == null }) {
            mistakes += Mistake.NoGrid(sweep.line, sweep.name)
            return null
        }
        grid.dimensions.filterIsInstance<EdgeDimension>().forEach { edges(grid.line).ends(it) }
        val overPositions = grid.overPositions
        if (overPositions && set.contrasts.isEmpty()) return null
        val (frame, cells) = mistakes.calling(grid.line, "the block of each") { layOut(grid, set) } ?: return null
        val axes = grid.dimensions.flatMap { it.axes(frame) }
        axes.filter { it.labels.isEmpty() }.mapTo(mistakes) { Mistake.EmptyAxis(grid.line, it.name) }
        val aligned = !overPositions || sameLengths(sweep, set, cells)
        val metric = metric(sweep.line, sweep.metric, set, cells)
        if (metric.plain is MetricSpec.Likelihood) cells.forEach { binding.likelihoodEdits(metric.plain, it) }
        val edits = EditChecks(binding, needs, set, aligned)
        val specs = cells.map { cell(it, edits) }
        binding.estimate(sweep, set, metric, specs)
        val by = sweep.by?.spec?.inLayers(binding.facts.shape.layers)
        return SweepSpec(sweep.name, set.name, sweep.line, metric, axes, specs, by, sweep.exact?.spec)
    }

    private fun edges(line: Int?) = EdgeBinder(binding, line, "a sweep over edges")

    /** Lays out over the clean prompts, and again over the corrupted ones if the cells edit those. */
    private fun layOut(
        grid: SweepGrid,
        set: ContrastSetSpec,
    ): Pair<GridContext, List<Intervention>> {
        val graph = edges(grid.line).graph
        val clean = GridContext(binding.facts.shape, set.contrasts.map { it.clean }, graph)
        val cells = grid.cells(clean)
        val corrupted = set.contrasts.mapNotNull { it.corrupted }
        if (cells.firstOrNull()?.bases?.singleOrNull() != CorruptedRun || corrupted.isEmpty()) return clean to cells
        val frame = GridContext(binding.facts.shape, corrupted, graph)
        return frame to if (grid.overPositions) grid.cells(frame) else cells
    }

    /** Returns whether all prompts that the cells read or edit have equally many tokens. */
    private fun sameLengths(
        sweep: SweepDeclaration,
        set: ContrastSetSpec,
        cells: List<Intervention>,
    ): Boolean {
        val runs = cells.flatMap { it.reads + (it.bases.ifEmpty { listOf(CleanRun) }) }
        val sides = runs.map { if (it.input == CorruptedRun) CorruptedRun else CleanRun }.distinct().sortedBy { "$it" }
        val lengths =
            set.contrasts.flatMap { contrast ->
                sides.mapNotNull { side ->
                    val prompt: PromptSpec? = contrast.prompt(side)
                    prompt?.let { PromptLength(contrast.label, "$side", it.length) }
                }
            }
        if (lengths.map { it.tokens }.distinct().size <= 1) return true
        mistakes += Mistake.LengthsDiffer(sweep.line, sweep.name, lengths)
        return false
    }

    /** Returns the metric's data; reports what the set's contrasts lack for it. */
    fun metric(
        line: Int?,
        metric: Metric,
        set: ContrastSetSpec,
        cells: List<Intervention>,
    ): MetricSpec =
        when (metric) {
            is BuiltInMetric -> {
                needs.metric(line, metric, set)
                metric.spec
            }

            is LikelihoodMetric -> {
                binding.likelihood(line, metric.spec, set)
                metric.spec
            }

            is NamedMetric -> {
                needs.oneToken(line, metric.name, set)
                binding.metricPlace(line, metric, set)
                MetricSpec.Named(metric.name, binding.metrics.index(metric.function), metric.at?.toSpec())
            }

            is RecoveryMetric -> {
                val spec = MetricSpec.Recovery(metric(line, metric.of, set, cells), metric.average)
                val noised = cells.isNotEmpty() && cells.all { it.bases.singleOrNull() is NoisedRun }
                if (!noised) needs.corrupted(line, spec.text, set)
                spec
            }
        }

    /** Returns the data of [interventions] of another analysis of [set], and reports their mistakes. */
    fun cells(
        interventions: List<Intervention>,
        set: ContrastSetSpec,
    ): List<CellSpec> = EditChecks(binding, needs, set, aligned = true).let { checks ->
        interventions.map { cell(it, checks) }
    }

    private fun cell(
        written: Intervention,
        checks: EditChecks,
    ): CellSpec {
        val line = written.script?.line
        if (written.bases.size > 1) mistakes += Mistake.BaseConflict(line, written.bases.map { "$it" })
        if (written.edits.isEmpty()) mistakes += Mistake.NoEdit(line)
        val cell = Intervention(written.edits.mapNotNull(binding.dictionaries::placed), written.on, written.script)
        cell.edits.groupBy { it.copy(script = null) }.values.filter { it.size > 1 }
            .mapTo(mistakes) { same -> EditMistake.EditedTwice(same.last().script?.line, same.last().site.text) }
        tokens(cell, line)
        val base = cell.bases.firstOrNull() ?: CleanRun
        checks.run(line, base)
        val made = cell.edits.flatMap { paths.edits(it, base) }.flatMap(binding::everywhere)
        checks.inputs(line, made)
        val asked = made.map { if (it.value == Value.Own) it.copy(value = Value.From(base)) else it }
        checks.kept(line, asked, base)
        val edits =
            asked.map { edit ->
                val top = edit.top
                val chosen = top != null && edit.value !is Value.Feature
                sites.check(edit.script?.line, if (chosen) edit.site.copy(layer = 0) else edit.site)
                checks.check(edit, edit.run ?: base)
                val choice = top?.let { choice(edit, it) }
                EditSpec(edit.site.hook, edit.site.part, edit.place.toSpec(), value(edit, checks), choice)
            }
        return CellSpec(base.toSpec(binding.seed), edits)
    }

    private fun choice(
        edit: Edit,
        top: Top,
    ): ChoiceSpec {
        val line = edit.script?.line
        val value = edit.value as? Value.Feature ?: return binding.choice(line, top, edit.site.kind != HookKind.Z)
        return binding.dictionaries.choice(line, top, value.features)
    }

    /** Checks places whose tokens are edited one at a time. */
    private fun tokens(
        cell: Intervention,
        line: Int?,
    ) {
        val eachOf = cell.edits.mapNotNull { (it.place as? Span)?.takeIf(Span::eachOf) }.distinct()
        if (eachOf.size > 1) {
            mistakes += Mistake.BadValue(line, "a cell's places", eachOf.joinToString(" and "), "one of them")
        }
        val edges = cell.edits.filter { it.paths.isNotEmpty() }
        if (eachOf.isNotEmpty() && edges.isNotEmpty() && (cell.edits.size > 1 || edges.any { it.paths.size > 1 })) {
            mistakes += PathMistake.EdgeByToken(line, "${eachOf.first()}")
        }
    }

    /** Returns the data of [edit]'s replacement, which may depend on the set or the site. */
    private fun value(
        edit: Edit,
        checks: EditChecks,
    ): ValueSpec {
        val value = edit.value
        return when {
            value is Value.From && value.run is EditedRun -> {
                ValueSpec.From(
                    checks.edited(value.run) {
                        changed(it, checks)
                    },
                    value.writer?.toSpec(),
                    along(edit, checks),
                )
            }

            value is Value.From -> {
                ValueSpec.From(value.run.toSpec(binding.seed), value.writer?.toSpec(), along(edit, checks))
            }

            value is Value.Feature -> {
                binding.dictionaries.value(edit, value)
            }

            value is Value.Given -> {
                ValueSpec.Vector(checks.vectors.index(edit, value.vector), value.added, value.scale)
            }

            value is Value.ProjectedOut -> {
                ValueSpec.ProjectedOut(checks.vectors.span(edit, value.along))
            }

            else -> {
                binding.value(value, edit.script)
            }
        }
    }

    private fun along(
        edit: Edit,
        checks: EditChecks,
    ): List<Int>? = (edit.value as Value.From).along.takeIf { it.isNotEmpty() }?.let { checks.vectors.span(edit, it) }

    /** Returns the data of a run with changes of its own, for patches to read. */
    private fun changed(
        run: EditedRun,
        checks: EditChecks,
    ): RunSpec {
        val changes = run.changes
        changes.edits.filter { (it.place as? Span)?.eachOf == true }.forEach {
            val place = "the place of a change to a run that is read"
            binding.bad(it.script?.line, place, "${it.place}, token by token", "one span of tokens, such as subject")
        }
        val cell = cell(Intervention(changes.edits, changes.on + run.input, changes.script), checks)
        return RunSpec.Edited(cell.run, cell.edits)
    }
}

private fun Address.toSpec() = WriterSpec(hook, part)

/** Whether cells vary over the inputs' positions, of which all inputs must then have equally many. */
private val SweepGrid.overPositions: Boolean get() = PositionDimension in dimensions || PatchDimension in dimensions

/** The runs that the intervention's patches read. */
internal val Intervention.reads: List<Run> get() = edits.mapNotNull { (it.value as? Value.From)?.run }
