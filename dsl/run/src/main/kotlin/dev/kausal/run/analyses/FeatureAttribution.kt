package dev.kausal.run.analyses

import dev.kausal.engine.features.ActiveFeatures
import dev.kausal.engine.requests.FeatureGradients
import dev.kausal.engine.requests.FeatureReading
import dev.kausal.engine.requests.Outputs
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.metric
import dev.kausal.run.inputs.readAt
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.FeatureAttributionSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import kotlin.math.abs

/** First-order contributions of features to a metric: a reading and a recorded pass per example. */
internal object FeatureAttributionAnalysis : JournaledReading<FeatureAttributionSpec>(FeatureAttributionSpec::class) {
    override fun read(
        spec: FeatureAttributionSpec,
        on: RunContext,
    ): List<Result> {
        val contrasts = on.contrasts(spec)
        val reading = DictionaryReading(spec.dictionary, spec.run, spec.skip, on)
        val found = mutableListOf<FeatureReading.Found>()
        val sums = on.perExample(spec) { contrast ->
            found += reading.one(contrast)
            summed(shares(spec, on, contrast))
        }
        val features = strongest(sums, spec.top)
        val rows = sums.map { row -> features.map { row[it] ?: 0.0 } }
        val axes = listOf(AxisSpec("feature", features.map { "$it" }))
        val metric = spec.measure(on.spec).text
        val result =
            measured(spec.name, ResultKind.FeatureAttribution, metric, axes, contrasts.map { it.label }, rows)
                .copy(use = reconstruction(spec.dictionary, found), notes = listOf(CHOSEN))
        return listOf(on.inference?.of(result, contrasts, tested = { false }) ?: result)
    }

    private fun shares(
        spec: FeatureAttributionSpec,
        on: RunContext,
        contrast: ContrastSpec,
    ): ActiveFeatures {
        val prompt = contrast.promptOf(spec.run)
        val input = on.inputs.of(prompt)
        val metric = contrast.metric(spec.metric, { 0 }) { error("a function of the script has no gradient") }
        val references =
            if (metric.reference().isPresent) {
                val clean = contrast.clean
                on.backend.answer(Outputs(listOf(on.inputs.of(clean)), listOf(clean.readAt))).toList()
            } else {
                emptyList()
            }
        val of = on.spec.dictionaries[spec.dictionary]
        val dictionary = on.inputs.dictionaries[spec.dictionary].get()
        return on.backend.answer(
            FeatureGradients(
                input,
                prompt.readAt,
                metric,
                references,
                of.site,
                of.writes ?: of.site,
                dictionary,
                spec.skip,
            ),
        )
    }

    private fun summed(shares: ActiveFeatures): Map<Int, Double> {
        val sums = HashMap<Int, Double>()
        shares.features().forEachIndexed {
            i,
            feature,
            ->
            sums.merge(feature, shares.values()[i].toDouble(), Double::plus)
        }
        return sums
    }

    /** Returns the features with the largest mean by size; ties and inactive ones in the order of their numbers. */
    private fun strongest(
        rows: List<Map<Int, Double>>,
        count: Int,
    ): List<Int> {
        val sums = HashMap<Int, Double>()
        rows.forEach { row -> row.forEach { (feature, value) -> sums.merge(feature, value, Double::plus) } }
        val order = compareByDescending<Map.Entry<Int, Double>> { abs(it.value) }.thenBy { it.key }
        val inactive = generateSequence(0) { it + 1 }.filter { it !in sums }
        return (sums.entries.sortedWith(order).asSequence().map { it.key } + inactive).take(count).toList()
    }

    private const val CHOSEN =
        "Features were chosen by the same examples that are shown, so they are not tested; their intervals look " +
            "narrower than on new examples."
}
