package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.run
import dev.kausal.reports.words.value
import dev.kausal.spec.EditSpec
import dev.kausal.spec.Inferred
import dev.kausal.spec.PartSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec

/** A metric for every cell of a grid of interventions. */
internal object SweepStory : Story<SweepSpec> {
    override val spec = SweepSpec::class
    override val kind = ResultKind.Sweep
    override val listedByImage: Boolean get() = true

    override fun method(spec: SweepSpec): String = methodOfSweep(spec)

    override fun findings(grid: Grid): List<String> = listOf(sweepStory(grid))

    override fun headline(grid: Grid): String = sweepStory(grid)

    override fun evidence(
        grid: Grid,
        inferred: Inferred,
    ): List<String> = effectsFound(grid, inferred) + listOfNotNull(failures(grid), nulls(grid), alarms(grid))
}

/** What a sweep found, in a few sentences; each sentence has a condition of its own. */
internal fun sweepStory(grid: Grid): String {
    val main = listOf(NothingChanges, RestoredLayers, HeadEffects, NothingFound, LargestEffect).first(grid).orEmpty()
    return (listOf(main) + listOf(TooFewToTest, SmallEffects, ComparedWithRandom).all(grid)).joinToString(" ").trim()
}

private fun methodOfSweep(sweep: SweepSpec): String {
    val grid = sweep.axes.joinToString(" \u00d7 ") { "${it.labels.size} ${it.name}" }.ifEmpty { "one" }
    val runs = sweep.cells.map { run(it.run) }.distinct()
    val edits = editsTogether(sweep)
    val shown = edits.take(4) + if (edits.size > 4) listOf("${edits.size - 4} more kinds of edit") else emptyList()
    val what = if (shown.isEmpty()) "nothing is edited" else listed(shown)
    return "A sweep of ${count(sweep.cells.size, "intervention")} ($grid). In ${listed(runs).ifEmpty {
        "no run"
    }}, $what; " +
        "one cell at a time, everything after it is recomputed. Measured is ${metric(sweep.metric, floor(sweep))}."
}

/** Each kind of edit, and in how many layers a cell makes it. */
private fun editsTogether(sweep: SweepSpec): List<String> {
    val layers = LinkedHashMap<String, MutableSet<Int>>()
    for (cell in sweep.cells) {
        cell.edits.groupBy { edit(it, cell.run) }.forEach { (text, its) ->
            layers.getOrPut(text) { sortedSetOf() } += its.map { it.site }.distinct().size
        }
    }
    return layers.map { (text, sizes) ->
        val (fewest, most) = sizes.min() to sizes.max()
        text + if (most == 1) "" else ", in ${if (fewest == most) "" else "$fewest to "}$most layers at once"
    }
}

private fun edit(
    edit: EditSpec,
    run: RunSpec,
): String {
    val site = LAYER.replace(edit.site, "blocks.N.")
    val part = when (edit.part) {
        is PartSpec.Head -> "one head of "
        is PartSpec.Neuron -> "one neuron of "
        PartSpec.All -> ""
    }
    return "$part${siteWords(site)} ($site) ${at(edit.at)} is " +
        if ((edit.value as? ValueSpec.From)?.run == run) "kept as it is without the other edits" else value(edit.value)
}

private fun siteWords(site: String): String =
    when (site.substringAfterLast("blocks.N.").substringAfterLast('.')) {
        "hook_resid_pre" -> "the residual stream before a layer"
        "hook_resid_mid" -> "the residual stream between attention and MLP"
        "hook_resid_post" -> "the residual stream after a layer"
        "hook_attn_out" -> "the attention's output"
        "hook_mlp_out" -> "the MLP's output"
        "hook_z" -> "the heads' outputs before they are mixed"
        "hook_pattern" -> "the attention pattern"
        "hook_embed" -> "the embedding"
        else -> "the activation"
    }

/** The run that a recovery of 0 stands for. */
private fun floor(sweep: SweepSpec): String =
    if (sweep.cells.any { it.run is RunSpec.Noised }) "noised" else "corrupted"

private val LAYER = Regex("""blocks\.\d+\.""")
