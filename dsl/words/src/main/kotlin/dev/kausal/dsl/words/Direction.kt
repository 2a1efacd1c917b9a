package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.DeclaredClasses
import dev.kausal.dsl.bind.FitSites
import dev.kausal.dsl.bind.clusters
import dev.kausal.dsl.bind.labelled
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.DirectionSpec

/**
 * Fits a direction at each layer that leads from one class of prompts to another: by default, from the corrupted to the clean prompts
 * of contrasts. The result measures how much of the fitted difference is found on examples without fit.
 *
 * @param site what the direction is fitted to
 * @param at positions; activations of several are averaged
 * @param fit how it is fitted: [meanDifference], [principalDifference], [principalComponent] or [logistic]
 * @param towards the run of each contrast that the direction leads to, [clean] or [corrupted]
 * @param against if not null, the direction leads from the clean prompts of this set to those of [inputs]
 * @param first if not null, the direction leads from the clean prompts of examples for which this is false to the others
 */
public fun ExperimentScope.direction(
    inputs: Inputs<*>,
    site: StreamSite = residPost,
    at: Place = last,
    fit: DirectionFit = meanDifference,
    towards: Run = clean,
    against: Inputs<*>? = null,
    first: ((Example) -> Boolean)? = null,
): Analysis<DirectionHandle> {
    val line = ScriptLines.line()
    val classes = DeclaredClasses(towards, against, first)
    return analysis({ DirectionHandle(it, site) }) {
        DirectionDeclaration(it, inputs, line, FitSites.OfLayers(site), at, fit, classes)
    }
}

/** Fits a direction at each head, as [direction] does at each layer. */
public fun ExperimentScope.direction(
    inputs: Inputs<*>,
    site: HeadsSite,
    at: Place = last,
    fit: DirectionFit = meanDifference,
    towards: Run = clean,
    against: Inputs<*>? = null,
    first: ((Example) -> Boolean)? = null,
): Analysis<HeadDirectionHandle> {
    val line = ScriptLines.line()
    val classes = DeclaredClasses(towards, against, first)
    return analysis({ HeadDirectionHandle(it, site) }) {
        DirectionDeclaration(it, inputs, line, FitSites.OfHeads(site), at, fit, classes)
    }
}

internal class DirectionDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val sites: FitSites,
    private val at: Place,
    private val fit: DirectionFit,
    private val classes: DeclaredClasses,
) : DeclaredAnalysis {
    override val answersRead: AnswersRead get() = AnswersRead.None

    override fun ranksHeads(binding: Binding): Boolean = sites is FitSites.OfHeads

    override val ranksLayers: Boolean get() = sites is FitSites.OfLayers

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): DirectionSpec {
        val vectors = binding.labelled(this, set, classes, sites, at, fit)
        return DirectionSpec(name, set.name, line, vectors, fit, binding.clusters, binding.seed)
    }
}
