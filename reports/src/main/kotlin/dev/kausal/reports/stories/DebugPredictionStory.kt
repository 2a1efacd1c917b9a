package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.ResultKind

/** Why a classifier sorts images as it does. */
internal object DebugPredictionStory : Story<DebugPredictionSpec> {
    override val spec = DebugPredictionSpec::class
    override val kind = ResultKind.DebugPrediction
    override val listedByImage: Boolean get() = true

    override val parts: List<ResultStory> =
        listOf(ResultKind.DebugControl, ResultKind.PatchAttribution).map { kind ->
            object : ResultStory {
                override val kind = kind
            }
        }

    override fun method(spec: DebugPredictionSpec): String = methodOfDebugging(spec)

    override fun findings(grid: Grid): List<String> = listOf(debugFinding(grid))
}

/** How many images the model is wrong about, and which removal changes most; or how sure it is of what they show. */
private fun debugFinding(grid: Grid): String {
    val rows = grid.result.perExample
    if (grid.axes.size != 2) return sureness(grid)
    val gaps = rows.map { row -> row.chunked(2) { (own, rival) -> (own ?: 0.0) - (rival ?: 0.0) } }
    val wrong = gaps.count { it.first() < 0 }
    val means = gaps.first().indices.map { at -> gaps.map { it[at] }.average() }
    val removed = grid.axes.first().labels
    val most = means.indices.drop(1).maxByOrNull { kotlin.math.abs(means[it] - means[0]) }
    val change =
        most?.let { " Of what was removed, ${removed[it]} change it most, to ${signed(means[it])}." }.orEmpty()
    return "The model is wrong about $wrong of ${count(rows.size, "image")}. The right class's logit minus the " +
        "rival's is ${signed(means[0])} on average.$change What holds for each image is told under Image by image."
}

private fun sureness(grid: Grid): String {
    val sure = grid.result.perExample.mapNotNull { row -> row.filterNotNull().maxOrNull() }
    val range = "${number(100 * (sure.minOrNull() ?: 0.0), 1)} to ${number(100 * (sure.maxOrNull() ?: 0.0), 1)} %"
    return "The model gives the class that it says $range."
}

/** What debugging predictions does, in sentences. */
private fun methodOfDebugging(debug: DebugPredictionSpec): String =
    "Each image's right class against its rival, the class that it is taken for, or, where the model is right, the " +
        "second likeliest. Shares of the two logits' difference are direct logit attribution; by patch, they are " +
        "split by where heads moved them from. Maps for a class weight attention by gradients (Chefer et al. 2021). " +
        "Taken out are ${count(debug.patches, "patch", "patches")}, by putting the image's mean position in their " +
        "place before layer 0, or ${count(debug.heads, "head")}, by zeros; and as many patches drawn at random, " +
        "${count(debug.draws, "draw")}, to compare with."
