package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.number
import dev.kausal.reports.words.run
import dev.kausal.reports.words.signed
import dev.kausal.spec.DictionaryUse
import dev.kausal.spec.FeatureActivationsSpec
import dev.kausal.spec.FeatureAttributionSpec
import dev.kausal.spec.FeatureRecord
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind
import kotlin.math.abs

/** Features of a dictionary that are most active. */
internal object FeatureActivationsStory : Story<FeatureActivationsSpec> {
    override val spec = FeatureActivationsSpec::class
    override val kind = ResultKind.FeatureActivations

    override fun title(grid: ResultGrid): String = "which features are active"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override fun method(spec: FeatureActivationsSpec): String {
        val top = "the ${count(spec.top, "feature")} with the largest mean over examples"
        return "Features of a sparse dictionary in ${run(spec.run)}: of each example, a feature's largest " +
            "activation " +
            "over positions${without(spec.skip)}; ${if (spec.only == null) top else "the named features"}."
    }

    override fun findings(grid: ResultGrid): List<String> {
        val use = grid.result.use ?: return emptyList()
        return listOf(headline(grid)) + use.features.take(NAMED).mapNotNull(::tokens) + reconstruction(use)
    }

    override fun headline(grid: ResultGrid): String =
        strongest(grid, "Most active features, by largest activation") { number(it) }

    private fun tokens(feature: FeatureRecord): String? {
        if (feature.strongest.isEmpty()) return null
        val shown = feature.strongest.map { "\"${it.token}\" of ${it.example} (${number(it.activation)})" }
        val share = number(PERCENT * feature.share, 1)
        return "Feature ${feature.feature} is active at $share % of positions, most at ${listed(shown)}."
    }
}

/** First-order contributions of features to a metric. */
internal object FeatureAttributionStory : Story<FeatureAttributionSpec> {
    override val spec = FeatureAttributionSpec::class
    override val kind = ResultKind.FeatureAttribution

    override fun title(grid: ResultGrid): String = "which features add to the metric"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override fun method(spec: FeatureAttributionSpec): String =
        "Contributions of features of a sparse dictionary in ${run(spec.run)}, to first order: activation times " +
            "the " +
            "gradient along the feature's direction, with everything else at the hook point constant, summed over " +
            "positions${without(spec.skip)}; the ${count(spec.top, "feature")} with the largest mean by size."

    override fun metric(spec: FeatureAttributionSpec): String = metric(spec.metric, "corrupted")

    override fun findings(grid: ResultGrid): List<String> =
        listOf(headline(grid)) + listOfNotNull(grid.result.use?.let(::reconstruction))

    override fun headline(grid: ResultGrid): String =
        strongest(grid, "Features with the largest estimated contribution") { signed(it) }
}

/** Names the first features with their numbers and intervals. */
private fun strongest(
    grid: ResultGrid,
    what: String,
    shown: (Double) -> String,
): String {
    val cells = grid.axes.single().labels.indices.filter { abs(grid.mean(it) ?: 0.0) > 0 }.take(NAMED)
    if (cells.isEmpty()) return "No feature is active."
    val named = cells.map { cell ->
        val mean = grid.mean(cell) ?: 0.0
        val interval = grid.interval(cell)?.let { (low, high) -> " (${number(low)} to ${number(high)})" }.orEmpty()
        "${grid.axes.single().labels[cell]} with ${shown(mean)}$interval"
    }
    return "$what: ${listed(named)}."
}

/** Describes how well a dictionary reconstructs the inputs; without that, its features may be those of other activations. */
private fun reconstruction(use: DictionaryUse): String {
    val share = use.explained?.let { number(PERCENT * it, 1) }
    val explained = if (share == null) "has no variance to explain" else "explains $share % of the variance"
    return "The reconstruction $explained at ${count(use.positions, "position")} (mean squared error " +
        "${rounded(use.meanSquaredError)}), with ${number(use.active, 1)} active features per position (L0)." +
        loss(use)
}

/** Describes what predictions lose with the reconstruction in place of the activation. */
private fun loss(use: DictionaryUse): String {
    val loss = use.loss ?: return ""
    val recovered = loss.recovered?.let {
        " ${number(PERCENT * it, 1)} % of the loss that zeros cost is recovered."
    }.orEmpty()
    return " In its place, the reconstruction gives a next-token loss of ${number(
        loss.spliced,
    )} nats per token, the model's own " +
        "is ${number(loss.clean)}, and that with zeros ${number(loss.zeroed)}.$recovered"
}

private fun without(skip: Int): String = if (skip == 0) "" else " after the first $skip"

private const val PERCENT = 100

/** Features that a sentence names. */
private const val NAMED = 3
