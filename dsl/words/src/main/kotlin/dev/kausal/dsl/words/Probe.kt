package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.DeclaredClasses
import dev.kausal.dsl.bind.FitSites
import dev.kausal.dsl.bind.clusters
import dev.kausal.dsl.bind.labelled
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.ClassesSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.ProbeSpec

/** The result of a [probe]: AUROC on held-out examples. */
public class ProbeHandle internal constructor(
    override val name: String,
    private val transfer: List<Inputs<*>>,
) : GridHandle() {
    /** Accuracy on held-out examples. */
    public val accuracy: MeasureHandle = MeasureHandle("$name.accuracy")

    /** Returns the AUROC on [set], one of `transfer`. */
    public fun on(set: Inputs<*>): MeasureHandle {
        if (set in transfer) return MeasureHandle("$name.on.${set.name}")
        val expected = "measured, by transfer = listOf(${set.shown}) in probe"
        throw ScriptMistakes(listOf(Mistake.BadValue(ScriptLines.line(), "$name.on", set.shown, expected)))
    }
}

/**
 * Measures how well a linear probe at each layer tells two classes of prompts apart: by default, the clean and the corrupted prompts
 * of contrasts. Each probe is fitted on one half of the groups of examples and measured on the other.
 *
 * @param site the activations
 * @param at positions; activations of several are averaged
 * @param fit [logistic], or [meanDifference] and others with the threshold midway between the classes' means
 * @param towards the run of each contrast that is the first class, [clean] or [corrupted]
 * @param against if not null, the classes are the clean prompts of [inputs] and of this set
 * @param first if not null, the classes are the clean prompts of examples for which this is true, and of the others
 * @param draws number of shuffles of the classes, and of random directions, for comparison
 * @param transfer other sets of contrasts to measure the probes on
 * @param splits number of divisions into halves, whose areas are listed; all other numbers are of the first
 */
public fun ExperimentScope.probe(
    inputs: Inputs<*>,
    site: StreamSite = residPost,
    at: Place = last,
    fit: DirectionFit = logistic,
    towards: Run = clean,
    against: Inputs<*>? = null,
    first: ((Example) -> Boolean)? = null,
    draws: Int = 20,
    transfer: List<Inputs<*>> = emptyList(),
    splits: Int = 1,
): Analysis<ProbeHandle> {
    val line = ScriptLines.line()
    val classes = DeclaredClasses(towards, against, first)
    return analysis({ ProbeHandle(it, transfer) }) {
        ProbeDeclaration(it, inputs, line, FitSites.OfLayers(site), at, fit, classes, draws, transfer, splits)
    }
}

/** Measures how well a linear probe at each head tells two classes apart, as [probe] does at each layer. */
public fun ExperimentScope.probe(
    inputs: Inputs<*>,
    site: HeadsSite,
    at: Place = last,
    fit: DirectionFit = logistic,
    towards: Run = clean,
    against: Inputs<*>? = null,
    first: ((Example) -> Boolean)? = null,
    draws: Int = 20,
    transfer: List<Inputs<*>> = emptyList(),
    splits: Int = 1,
): Analysis<ProbeHandle> {
    val line = ScriptLines.line()
    val classes = DeclaredClasses(towards, against, first)
    return analysis({ ProbeHandle(it, transfer) }) {
        ProbeDeclaration(it, inputs, line, FitSites.OfHeads(site), at, fit, classes, draws, transfer, splits)
    }
}

internal class ProbeDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val sites: FitSites,
    private val at: Place,
    private val fit: DirectionFit,
    private val classes: DeclaredClasses,
    private val draws: Int,
    private val transfer: List<Inputs<*>>,
    private val splits: Int,
) : DeclaredAnalysis {
    override val answersRead: AnswersRead get() = AnswersRead.None

    override fun ranksHeads(binding: Binding): Boolean = sites is FitSites.OfHeads

    override val ranksLayers: Boolean get() = sites is FitSites.OfLayers

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): ProbeSpec {
        val vectors = binding.labelled(this, set, classes, sites, at, fit)
        val paired = vectors.classes is ClassesSpec.Pairs
        if (draws < 1) binding.bad(line, "draws", "$draws", "1 or more")
        if (splits < 1) binding.bad(line, "splits", "$splits", "1 or more")
        if (transfer.isNotEmpty() && !paired) {
            binding.bad(line, "transfer", "a set", "left out: only the two prompts of contrasts are classes of any set")
        } else {
            transfer.forEach { other(binding, binding.setOf(it)) }
        }
        val others = transfer.map { binding.setOf(it).name }
        return ProbeSpec(name, set.name, line, vectors, fit, binding.clusters, binding.seed, draws, others, splits)
    }

    private fun other(
        binding: Binding,
        set: ContrastSetSpec,
    ) {
        binding.needs.corrupted(line, "$name on ${set.shown}", set)
        val prompts = set.contrasts.flatMap { c -> listOfNotNull(c.clean, c.corrupted).map { it to c.label } }
        binding.spans.check(line, "$name at $at", at, prompts)
    }
}
