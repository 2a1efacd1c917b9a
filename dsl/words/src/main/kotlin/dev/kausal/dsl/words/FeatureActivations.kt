package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.FeatureActivationsSpec

/**
 * Finds the features of [dictionary] that are most active in the prompts of [inputs]: of each example, the largest activation over its
 * positions. Also measures how many features are active and how well the dictionary reconstructs what it reads.
 *
 * @param top number of features, by the mean over examples
 * @param only features to read in place of these
 * @param strongest number of tokens that the report shows of each feature
 * @param skip first positions to leave out, such as 1 for a start token
 */
public fun ExperimentScope.featureActivations(
    inputs: Inputs<*>,
    dictionary: Dictionary,
    top: Int = 20,
    only: Features? = null,
    strongest: Int = 5,
    run: Run = clean,
    skip: Int = 0,
): Analysis<FeaturesHandle> {
    val line = ScriptLines.line()
    return analysis({ FeaturesHandle(it, dictionary) }) {
        FeatureActivationsDeclaration(it, inputs, line, dictionary, top, only, strongest, run, skip)
    }
}

/** An analysis whose result ranks features of [dictionary]. */
internal interface RanksFeatures : DeclaredAnalysis {
    val dictionary: Dictionary

    /** Number of features in its result. */
    val count: Int
}

internal class FeatureActivationsDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    override val dictionary: Dictionary,
    private val top: Int,
    private val only: Features?,
    private val strongest: Int,
    private val run: Run,
    private val skip: Int,
) : RanksFeatures {
    override val count: Int get() = only?.indices?.size ?: top

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): FeatureActivationsSpec? {
        if (strongest < 0) binding.bad(line, "strongest", "$strongest", "0 or more")
        val read = binding.readRun(this, run, set)
        binding.dictionaries.skip(line, skip, set, run)
        val found = binding.dictionaries.of(dictionary) ?: return null
        if (only == null) {
            binding.dictionaries.count(line, "top", top, found)
        } else if (only.dictionary !== dictionary || only.top != null) {
            binding.bad(line, "only", "$only", "features of the same dictionary by number")
        }
        val indices = only?.let { binding.dictionaries.indices(line, it, found) }
        return FeatureActivationsSpec(name, set.name, line, read, found.index, top, indices, strongest, skip)
    }
}
