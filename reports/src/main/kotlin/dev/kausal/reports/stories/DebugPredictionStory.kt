package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.ResultKind

/** Explanations of a classifier's predictions. */
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

    override fun findings(grid: ResultGrid): List<String> = listOf(debugFinding(grid))
}

/**
 * Describes the number of misclassified images and the ablation with the largest effect, or the range of probabilities.
 */
private fun debugFinding(grid: ResultGrid): String {
    val rows = grid.result.perExample
    if (grid.axes.size != 2) return confidence(grid)
    val gaps = rows.map { row -> row.chunked(2) { (own, rival) -> (own ?: 0.0) - (rival ?: 0.0) } }
    val wrong = gaps.count { it.first() < 0 }
    val means = gaps.first().indices.map { at -> gaps.map { it[at] }.average() }
    val removed = grid.axes.first().labels
    val most = means.indices.drop(1).maxByOrNull { kotlin.math.abs(means[it] - means[0]) }
    val change =
        most?.let { " Ablating ${removed[it]} changes it most, to ${signed(means[it])}." }.orEmpty()
    return "$wrong of ${count(rows.size, "image")} misclassified. Mean logit difference, right class minus rival: " +
        "${signed(means[0])}.$change Details: Image by image."
}

private fun confidence(grid: ResultGrid): String {
    val all = grid.result.perExample.mapNotNull { row -> row.filterNotNull().maxOrNull() }
    val range = "${number(100 * (all.minOrNull() ?: 0.0), 1)} to ${number(100 * (all.maxOrNull() ?: 0.0), 1)} %"
    return "Probability of the predicted class: $range."
}

private fun methodOfDebugging(debug: DebugPredictionSpec): String =
    "Each image's right class against its rival: the predicted class, or the second likeliest if the prediction is " +
        "right. Shares of their logit difference: direct logit attribution; by patch, split by the source positions " +
        "of attention. Maps per class: gradient-weighted attention (Chefer et al. 2021). Ablated are " +
        "${count(debug.patches, "patch", "patches")} (set to the image's mean position before layer 0), " +
        "${count(debug.heads, "head")} (set to zero), and as many random patches " +
        "(${count(debug.draws, "draw")}) for comparison."
