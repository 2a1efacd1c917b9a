package dev.kausal.experiments.verify

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.ValueRange
import kotlinx.serialization.json.JsonElement

/** Compares a bundle with its rerun. */
internal class ResultsComparison(
    private val bundle: Bundle,
) {
    /** Findings so far. */
    val comparison = TreeComparison(
        RoundingRule.of(bundle.results.results),
        if (bundle.results.bfloat16 == null) Verification.TOLERANCE else Verification.TOLERANCE_BFLOAT16,
        bundle.results.results
            .filter { it.kind.range == ValueRange.OF_TWO_CLASSES }
            .mapTo(mutableSetOf()) { it.name },
    )

    /** Compares the spec with that of the bundle's script. */
    fun compareSpec(again: ExperimentSpec) {
        val own = again.copy(model = bundle.spec.model)
        val serializer = ExperimentSpec.serializer()
        val stored = BundleFiles.compact.encodeToJsonElement(serializer, bundle.spec)
        comparison.compare("spec", stored, BundleFiles.compact.encodeToJsonElement(serializer, own))
    }

    /** Compares `results.json`, and files of arrays number by number, except for results called [unread]. */
    fun compare(
        again: Results,
        unread: Set<String>,
    ) {
        val (stored, computed) = listOf(bundle.results, again).map { it.without(unread) }
        comparison.results(stored, computed)
        val others = computed.results.associateBy { it.name }
        stored.results.filter { it.arrays != null }.forEach { result ->
            others[result.name]?.let { arrays(result, it) }
        }
    }

    private fun Results.without(names: Set<String>): Results = copy(results = results.filterNot { it.name in names })

    private fun arrays(
        stored: Result,
        again: Result,
    ) {
        val path = "results.results[${stored.name}]"
        stored.perExample.zip(again.perExample).forEachIndexed { example, (a, b) ->
            comparison.numbers("$path.perExample[$example]", a, b)
        }
        // The mean of one example is the example itself.
        if (stored.perExample.size > 1) comparison.numbers("$path.mean", stored.mean, again.mean)
    }
}

/**
 * Compares two versions of `results.json`. As trees, each number would take a hundred bytes: so lists of numbers that both have
 * are compared as they are, and the rest as trees.
 */
internal fun TreeComparison.results(
    stored: Results,
    again: Results,
) {
    val own = stored.results.associate { it.name to NumbersOfResult(it.written()) }
    val others = again.results.filter { it.name in own }.associate { it.name to NumbersOfResult(it.written()) }
    compare("results", tree(stored, own, others), tree(again, others, own))
    stored.results.forEach { result ->
        val name = result.name
        others[name]?.let { lists("results.results[$name]", own.getValue(name).lists, it.lists) }
    }
}

/** Removes numbers that [others] have too, and hashes of arrays and directions, which change if rounding changes the numbers. */
private fun tree(
    results: Results,
    own: Map<String, NumbersOfResult>,
    others: Map<String, NumbersOfResult>,
): JsonElement {
    val written = results.results.map { result ->
        val rest = if (result.name in others) own.getValue(result.name).rest else result.written()
        rest.copy(
            arrays = result.arrays?.copy(sha256 = ""),
            directions = result.directions?.copy(sha256 = ""),
        )
    }
    return BundleFiles.compact.encodeToJsonElement(Results.serializer(), results.copy(results = written))
}
