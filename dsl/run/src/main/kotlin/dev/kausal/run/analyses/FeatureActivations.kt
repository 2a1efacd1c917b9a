package dev.kausal.run.analyses

import dev.kausal.engine.config.OutputHeadConfig
import dev.kausal.engine.requests.FeatureReading
import dev.kausal.engine.requests.SplicedLoss
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.promptOf
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.run
import dev.kausal.spec.ActiveToken
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DictionaryUse
import dev.kausal.spec.FeatureActivationsSpec
import dev.kausal.spec.FeatureRecord
import dev.kausal.spec.LossRecord
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec

/** Largest activations of the strongest features, one pass per example. */
internal object FeatureActivationsAnalysis : JournaledReading<FeatureActivationsSpec>(FeatureActivationsSpec::class) {
    override fun read(
        spec: FeatureActivationsSpec,
        on: RunContext,
    ): List<Result> {
        val contrasts = on.contrasts(spec)
        val found = DictionaryReading(spec.dictionary, spec.run, spec.skip, on).of(spec)
        val largest = found.map { largest(it) }
        val features = spec.only ?: strongest(largest, spec.top)
        val rows = largest.map { row -> features.map { row[it]?.toDouble() ?: 0.0 } }
        val axes = listOf(AxisSpec("feature", features.map { "$it" }))
        val result =
            measured(spec.name, ResultKind.FeatureActivations, METRIC, axes, contrasts.map { it.label }, rows)
                .copy(use = use(spec.dictionary, found, features, spec, contrasts, on))
        return listOf(on.inference?.of(result, contrasts, tested = { false }) ?: result)
    }

    /** Returns each active feature's largest activation in one example. */
    private fun largest(found: FeatureReading.Found): Map<Int, Float> {
        val largest = HashMap<Int, Float>()
        found.active().features().forEachIndexed { i, feature ->
            largest.merge(feature, found.active().values()[i], ::maxOf)
        }
        return largest
    }

    /** Returns the features with the largest mean over examples; ties and inactive ones in the order of their numbers. */
    private fun strongest(
        rows: List<Map<Int, Float>>,
        count: Int,
    ): List<Int> {
        val sums = HashMap<Int, Double>()
        rows.forEach { row -> row.forEach { (feature, value) -> sums.merge(feature, value.toDouble(), Double::plus) } }
        val active = sums.entries.sortedWith(compareByDescending<Map.Entry<Int, Double>> { it.value }.thenBy { it.key })
        val inactive = generateSequence(0) { it + 1 }.filter { it !in sums }
        return (active.asSequence().map { it.key } + inactive).take(count).toList()
    }

    private fun use(
        dictionary: Int,
        found: List<FeatureReading.Found>,
        features: List<Int>,
        spec: FeatureActivationsSpec,
        contrasts: List<ContrastSpec>,
        on: RunContext,
    ): DictionaryUse {
        val tokens = HashMap<Int, MutableList<ActiveToken>>()
        val counts = HashMap<Int, Int>()
        found.zip(contrasts) { one, contrast ->
            val best = HashMap<Int, Int>()
            one.active().features().forEachIndexed { i, feature ->
                counts.merge(feature, 1, Int::plus)
                best.merge(feature, i) { a, b -> if (one.active().values()[b] > one.active().values()[a]) b else a }
            }
            features.forEach { feature ->
                best[feature]?.let {
                    tokens.getOrPut(feature) { mutableListOf() } += token(one, it, contrast, spec.run)
                }
            }
        }
        val positions = found.sumOf { it.positions() }
        val records = features.map { feature ->
            val strongest = tokens[feature].orEmpty().sortedByDescending { it.activation }.take(spec.strongest)
            FeatureRecord(feature, (counts[feature] ?: 0).toDouble() / positions, strongest)
        }
        return reconstruction(dictionary, found).copy(features = records, loss = DictionaryLoss(spec, on).of(contrasts))
    }

    private fun token(
        found: FeatureReading.Found,
        entry: Int,
        contrast: ContrastSpec,
        run: RunSpec,
    ): ActiveToken {
        val position = found.active().positions()[entry]
        val token = contrast.promptOf(run).tokens[position]
        return ActiveToken(contrast.label, position, token, found.active().values()[entry].toDouble())
    }

    private const val METRIC = "largest activation"
}

/** Returns how well a dictionary reconstructs all examples together. */
internal fun reconstruction(
    dictionary: Int,
    found: List<FeatureReading.Found>,
): DictionaryUse {
    val positions = found.sumOf { it.positions() }
    val width = found.first().sums().size
    val error = found.sumOf { it.squaredError() }
    val means = DoubleArray(width) { entry -> found.sumOf { it.sums()[entry] } / positions }
    val variance = found.sumOf { it.squares() } - positions * means.sumOf { it * it }
    return DictionaryUse(
        dictionary = dictionary,
        positions = positions,
        active = found.sumOf { it.active().features().size }.toDouble() / positions,
        meanSquaredError = error / positions / width,
        explained = if (variance > 0) 1 - error / variance else null,
    )
}

/** What a dictionary's reconstruction does to the next-token loss of the prompts that [spec] reads. */
private class DictionaryLoss(
    private val spec: FeatureActivationsSpec,
    private val on: RunContext,
) {
    /** Returns mean losses over all predicted tokens of [contrasts]; null if the model or the prompts have none. */
    fun of(contrasts: List<ContrastSpec>): LossRecord? {
        if (on.backend.config.head().task() != OutputHeadConfig.Task.NEXT_TOKEN) return null
        val dictionary = on.spec.dictionaries[spec.dictionary]
        val loaded = on.inputs.dictionaries[spec.dictionary].get()
        val found = contrasts.map { it.promptOf(spec.run) }.filter { it.length > 1 }.map { prompt ->
            val target = dictionary.writes ?: dictionary.site
            on.backend.answer(SplicedLoss(on.inputs.of(prompt), dictionary.site, target, loaded, spec.skip))
        }
        val tokens = found.sumOf { it.tokens() }
        if (tokens == 0) return null
        return LossRecord(
            clean = found.sumOf { it.clean() } / tokens,
            spliced = found.sumOf { it.spliced() } / tokens,
            zeroed = found.sumOf { it.zeroed() } / tokens,
            tokens = tokens,
        )
    }
}

/** Reads the features of one dictionary. */
internal class DictionaryReading(
    private val number: Int,
    private val run: RunSpec,
    private val skip: Int,
    private val on: RunContext,
) {
    private val spec = on.spec.dictionaries[number]

    /** Returns what the dictionary finds in each example of [analysis]. */
    fun of(analysis: AnalysisSpec): List<FeatureReading.Found> = on.perExample(analysis, ::one)

    /** Returns what the dictionary finds in [contrast]. */
    fun one(contrast: ContrastSpec): FeatureReading.Found {
        val prompt = on.inputs.run(contrast.promptOf(run), emptyList())
        val dictionary = on.inputs.dictionaries[number].get()
        return on.backend.answer(FeatureReading(prompt, spec.site, spec.writes ?: spec.site, dictionary, skip))
    }
}
