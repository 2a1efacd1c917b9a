package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.chosen
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.run
import dev.kausal.reports.words.value
import dev.kausal.spec.EditSpec
import dev.kausal.spec.Inferred
import dev.kausal.spec.PartSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec

/** Sweeps: a metric for each intervention. */
internal object SweepStory : Story<SweepSpec> {
    override val spec = SweepSpec::class
    override val kind = ResultKind.Sweep
    override val listedByImage: Boolean get() = true

    override fun title(grid: ResultGrid): String =
        (if (grid.result.estimate == null) "" else "estimated ") + super.title(grid)

    override fun method(spec: SweepSpec): String = methodOfSweep(spec)

    override fun findings(grid: ResultGrid): List<String> = listOf(sweepStory(grid))

    override fun headline(grid: ResultGrid): String =
        (listOf(mainFinding(grid)) + listOf(TooFewToTest, LargeRandomEffect).all(grid)).joinToString(" ").trim()

    override fun metric(spec: SweepSpec): String = metric(spec.metric, floor(spec))

    override fun evidence(
        grid: ResultGrid,
        inferred: Inferred,
    ): List<String> = effectsFound(grid) + listOfNotNull(ScreenedInBfloat16.of(grid), failures(grid), alarms(grid))
}

/** Returns the findings of a sweep, each sentence under its own condition. */
internal fun sweepStory(grid: ResultGrid): String =
    (listOf(mainFinding(grid)) + listOf(ScreeningAgreement, TooFewToTest, SmallEffects, LargeRandomEffect).all(grid))
        .joinToString(" ")
        .trim()

private val MAIN =
    listOf(EstimatedEffects, NothingChanges, RestoredLayers, LargestLoss, HeadEffects, NothingFound, LargestEffect)

private fun mainFinding(grid: ResultGrid): String = MAIN.first(grid).orEmpty()

private fun methodOfSweep(sweep: SweepSpec): String {
    val axes = sweep.axes.joinToString(" \u00d7 ") { count(it.labels.size, it.name) }
    val grid = if (axes.isEmpty()) "" else " ($axes)"
    val runs = sweep.cells.map { run(it.run) }.distinct()
    val edits = editsOf(sweep)
    val shown = edits.take(4) + if (edits.size > 4) listOf("${edits.size - 4} more kinds of edit") else emptyList()
    val what = if (shown.isEmpty()) "nothing is edited" else shown.joinToString("; ")
    return "${count(sweep.cells.size, "intervention")}$grid, one at a time, on ${listed(runs).ifEmpty { "no run" }}: " +
        "$what. Metric: ${metricWords(sweep.metric)}." + estimateMethod(sweep) + screenMethod(sweep)
}

private const val FEW = 2
private const val SPAN = "span"

/** Defines the spans of [sweeps], once for all; null if none varies spans. */
internal fun spansOf(sweeps: List<SweepSpec>): String? {
    val over = sweeps.filter { sweep -> sweep.axes.any { it.name == SPAN } }
    val places = over.flatMap { sweep -> sweep.cells.flatMap { cell -> cell.edits.map { at(it.at) } } }.distinct()
    return if (places.size <= FEW) null else "Spans are " + listed(places.map { it.removePrefix("at ") }) + "."
}

/** An edit without its layer and place. */
private data class EditText(
    val what: String,
    val how: String,
)

/** Describes each kind of edit, with its places and the number of layers in which cells make it. */
private fun editsOf(sweep: SweepSpec): List<String> {
    val places = LinkedHashMap<EditText, MutableSet<String>>()
    val layers = HashMap<EditText, MutableSet<Int>>()
    for (cell in sweep.cells) {
        cell.edits.groupBy { editText(it, cell.run) to at(it.at) }.forEach { (key, edits) ->
            places.getOrPut(key.first) { linkedSetOf() } += key.second
            layers.getOrPut(key.first) { sortedSetOf() } += edits.map { it.site }.distinct().size
        }
    }
    return places.map { (text, where) ->
        val (fewest, most) = layers.getValue(text).let { it.min() to it.max() }
        val range = if (fewest == most) "$most" else "$fewest to $most"
        val places = if (where.size > FEW && sweep.axes.any { it.name == SPAN }) {
            "at one span"
        } else {
            "at " + listed(where.map { it.removePrefix("at ") })
        }
        "${text.what} ${text.how} $places" + if (most == 1) "" else ", in $range layers at once"
    }
}

private fun editText(
    edit: EditSpec,
    run: RunSpec,
): EditText {
    val site = LAYER.replace(edit.site, "blocks.N.")
    val choice = edit.choice
    val part = when {
        choice != null -> (if (choice.layers) "in the layers of " else "in ") + chosen(choice) + ", "
        edit.part is PartSpec.Head -> "one head of "
        edit.part is PartSpec.Neuron -> "one neuron of "
        else -> ""
    }
    val frozen = (edit.value as? ValueSpec.From)?.run == run
    return EditText(
        "$part${siteWords(site)} ($site)",
        "is " + if (frozen) "frozen at its unedited value" else value(edit.value),
    )
}

private fun siteWords(site: String): String =
    when (site.substringAfterLast("blocks.N.").substringAfterLast('.')) {
        "hook_resid_pre" -> "the residual stream before a layer"
        "hook_resid_mid" -> "the residual stream between attention and MLP"
        "hook_resid_post" -> "the residual stream after a layer"
        "hook_attn_out" -> "the attention's output"
        "hook_mlp_out" -> "the MLP's output"
        "hook_q_input" -> "the heads' inputs for queries"
        "hook_k_input" -> "the heads' inputs for keys"
        "hook_v_input" -> "the heads' inputs for values"
        "hook_mlp_in" -> "the MLP's input"
        "hook_z" -> "the heads' outputs before W_O"
        "hook_pattern" -> "the attention pattern"
        "hook_embed" -> "the embedding"
        else -> "the activation"
    }

/** Returns the run at which a recovery is 0. */
private fun floor(sweep: SweepSpec): String =
    if (sweep.cells.any { it.run is RunSpec.Noised }) "noised" else "corrupted"

private val LAYER = Regex("""blocks\.(?:\d+|\*)\.""")
