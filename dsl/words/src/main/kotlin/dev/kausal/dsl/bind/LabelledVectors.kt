package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.CorruptedRun
import dev.kausal.dsl.Example
import dev.kausal.dsl.Head
import dev.kausal.dsl.HeadsSite
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.Place
import dev.kausal.dsl.Run
import dev.kausal.dsl.Span
import dev.kausal.dsl.StreamSite
import dev.kausal.dsl.TrainedLayers
import dev.kausal.dsl.VectorSource
import dev.kausal.dsl.clean
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.mistakes.DirectionMistake
import dev.kausal.dsl.toSpec
import dev.kausal.engine.hooks.Axis
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ClassesSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DirectionControl
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PointSpec
import dev.kausal.spec.VectorSpec
import dev.kausal.spec.group

/** The sites of a fit: one for each layer, or for each head of each layer. */
internal sealed interface FitSites {
    /** At [layers]; at all if null. */
    data class OfLayers(
        val site: StreamSite,
        val layers: List<Int>? = null,
    ) : FitSites

    data class OfHeads(
        val site: HeadsSite,
    ) : FitSites
}

/**
 * The classes of a fit as declared: the prompts of each contrast, of which those of [towards] are the first class; or the clean
 * prompts of two sets; or those of one set, by a function.
 */
internal class DeclaredClasses(
    val towards: Run,
    val against: Inputs<*>?,
    val first: ((Example) -> Boolean)?,
)

/** Returns the data of what [analysis] fits to, and reports its mistakes and those of its [fit]. */
internal fun Binding.labelled(
    analysis: DeclaredAnalysis,
    set: ContrastSetSpec,
    classes: DeclaredClasses,
    sites: FitSites,
    at: Place,
    fit: DirectionFit,
): LabelledVectorsSpec {
    val line = analysis.line
    val bound = classes(analysis, set, classes)
    if (fit == DirectionFit.PrincipalDifference && bound !is ClassesSpec.Pairs) {
        bad(line, "fit", "principalDifference", "another one: there are no differences without contrasts")
    }
    val other = classes.against?.let(setOf)
    val prompts = (set.contrasts + other?.contrasts.orEmpty()).flatMap { example ->
        val corrupted = example.corrupted.takeIf { bound is ClassesSpec.Pairs }
        listOfNotNull(example.clean, corrupted).map { it to example.label }
    }
    if ((at as? Span)?.eachOf == true) bad(line, "the place", "$at", "one range of tokens, such as last or subject")
    spans.check(line, "${analysis.name} at $at", at, prompts)
    val layers = layers(line, (sites as? FitSites.OfLayers)?.layers)
    val byLayer = AxisSpec("layer", layers.map { "$it" })
    val heads = AxisSpec("head", List(facts.shape.heads) { "$it" })
    val (axes, addresses) =
        when (sites) {
            is FitSites.OfLayers -> listOf(byLayer) to layers.map { sites.site.of(it) }
            is FitSites.OfHeads -> listOf(byLayer, heads) to headsOf(sites.site)
        }
    addresses.firstOrNull { it.layer in 0 until facts.shape.layers }?.let { this.sites.check(line, it) }
    return LabelledVectorsSpec(bound, axes, addresses.map { PointSpec(it.hook, it.part) }, at.toSpec())
}

private fun Binding.headsOf(site: HeadsSite): List<Address> =
    List(facts.shape.layers * facts.shape.heads) { cell ->
        site.of(Head(cell / facts.shape.heads, cell % facts.shape.heads))
    }

private fun Binding.classes(
    analysis: DeclaredAnalysis,
    set: ContrastSetSpec,
    declared: DeclaredClasses,
): ClassesSpec {
    val line = analysis.line
    val against = declared.against
    val first = declared.first
    val found =
        when {
            against != null -> {
                if (against === analysis.inputs) bad(line, "against", "the set itself", "another set")
                ClassesSpec.Sets(setOf(against).name)
            }

            first != null -> {
                val named = mistakes.calling(line, "the function given to first") {
                    set.contrasts.filter { first(Example(it)) }.mapTo(sortedSetOf()) { it.label }
                }.orEmpty()
                if (named.size !in 1 until set.contrasts.map { it.label }.distinct().size) {
                    mistakes += DirectionMistake.OneClass(line, analysis.name, named.isNotEmpty())
                }
                ClassesSpec.Labels(named)
            }

            else -> {
                if (declared.towards != clean && declared.towards != CorruptedRun) {
                    bad(line, "towards", "${declared.towards}", "clean or corrupted")
                }
                needs.corrupted(line, analysis.name, set)
                ClassesSpec.Pairs(clean = declared.towards == clean)
            }
        }
    (listOf(set) + listOfNotNull(against?.let(setOf))).forEach { one ->
        val groups = one.contrasts.map { it.group(clusters) }.distinct().size
        if (groups < 2) mistakes += DirectionMistake.OneGroup(line, analysis.name, one.shown)
    }
    return found
}

/** What the examples of a group have in common, which is fitted to or measured as a whole. */
internal val Binding.clusters: Grouping get() = (inference ?: InferenceSpec()).clusters

/** Returns the data of a fitted vector, and reports what its analysis does not fit, for the edit on [line]. */
internal fun Binding.fitted(
    line: Int?,
    source: VectorSource.Fitted,
): VectorSpec.Fitted {
    val head = (source.address.part as? PartSpec.Head)?.head
    val layer = source.address.layer ?: 0
    val cell = source.trained?.let { cell(line, source, it, layer) }
        ?: if (head == null) layer else layer * facts.shape.heads + head
    return VectorSpec.Fitted(source.direction, cell, source.unit, source.control, source.number, source.split)
}

/** Returns the cell of a subspace that is trained at some layers. */
private fun Binding.cell(
    line: Int?,
    source: VectorSource.Fitted,
    trained: TrainedLayers,
    layer: Int,
): Int {
    val all = List(facts.shape.layers) { it }
    val layers = trained.asked?.map { if (it < 0) it + all.size else it }?.distinct()?.sorted() ?: all
    if (layer in all && layer !in layers) {
        mistakes += DirectionMistake.NotTrained(line, source.direction, layer, layers)
    }
    if (source.number !in 0 until maxOf(1, trained.rank)) {
        val expected = if (trained.rank == 1) "0: the subspace has rank 1" else "0 to ${trained.rank - 1}"
        bad(line, "the number of a direction", "${source.number}", expected)
    }
    if (source.control is DirectionControl.Shuffled) {
        bad(line, "the control of a trained subspace", "shuffled(seed)", "random(seed)")
    }
    if (source.split != null) bad(line, "the split of a trained subspace", "split(seed)", "left out: it has one")
    return layers.indexOf(layer).coerceAtLeast(0)
}

/**
 * Returns the number of units at each position of [site]; null if the model has no such site, which is reported
 * elsewhere.
 */
internal fun Binding.units(site: Address): Int? {
    val axes = (facts.point(site.hook)?.axes() ?: site.kind.axes()).drop(1)
    if (!facts.hasHook(site.hook)) return null
    return when (site.part) {
        PartSpec.All -> axes
        is PartSpec.Head -> axes.filterNot(Axis::heads)
        is PartSpec.Neuron -> emptyList()
    }.fold(1) { product, axis -> product * facts.sizeOf(axis) }
}

/** Reports directions in use that [bound] analyses do not fit. */
internal fun Binding.leftOut(bound: Set<String>) {
    vectors.keys.mapNotNull { (it as? VectorSpec.Fitted)?.direction }.distinct()
        .filterNot { it in bound }
        .mapTo(mistakes) { DirectionMistake.LeftOut(declared(it)?.line, it) }
}
