package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.SpecialisationSpec

/**
 * Shows which heads attend alike over many images: similarity (correlation of maps, averaged over images) of every
 * pair, in the order of a clustering by average linkage. The result `NAME.maps` has the mean map of each.
 *
 * @param clusters number of clusters of heads; the result's notes list them
 */
public fun ExperimentScope.specialisation(
    images: Inputs<ImageModel>,
    layers: Iterable<Int>? = null,
    clusters: Int = 4,
): Analysis<SpecialisationHandle> {
    val line = ScriptLines.line()
    return analysis(::SpecialisationHandle) { SpecialisationDeclaration(it, images, line, layers?.toList(), clusters) }
}

/** Which heads attend alike; [maps] are the mean maps behind it. */
public class SpecialisationHandle internal constructor(
    override val name: String,
) : GridHandle() {
    /** Each head's mean map over the images. */
    public val maps: MapHandle = MapHandle("$name.maps")
}

internal class SpecialisationDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val layers: List<Int>?,
    private val clusters: Int,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): SpecialisationSpec {
        val found = binding.layers(line, layers)
        val heads = found.size * binding.facts.shape.heads
        if (clusters !in 1..heads) binding.bad(line, "clusters", "$clusters", "1 to the number of heads, $heads")
        return SpecialisationSpec(name, set.name, line, found, clusters)
    }
}
