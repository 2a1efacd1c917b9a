package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.heads
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.bind.onePosition
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.ContrastSetSpec

/**
 * Where heads look on images: attention to patches, `[CLS]` and registers left out.
 *
 * @param layers all of them if null; negative ones count from the end
 * @param heads of each layer, all of them if null
 * @param from the position that looks, such as `cls` or `patchAt(3, 4)`; `[CLS]` if null, and in a model without one
 *   the mean over patches
 * @param meanOverHeads gives the mean over the heads
 */
public fun ExperimentScope.attentionMaps(
    inputs: Inputs<ImageModel>,
    layers: Iterable<Int>? = null,
    heads: Iterable<Int>? = null,
    from: Place? = null,
    meanOverHeads: Boolean = false,
): Analysis<MapHandle> {
    val line = ScriptLines.line()
    return analysis(::MapHandle) {
        AttentionMapsDeclaration(it, inputs, line, layers?.toList(), heads?.toList(), from, meanOverHeads)
    }
}

/** Where positions look: of images, on the grid of patches. */
public class MapHandle internal constructor(
    override val name: String,
) : GridHandle()

internal class AttentionMapsDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val layers: List<Int>?,
    private val heads: List<Int>?,
    private val from: Place?,
    private val meanOverHeads: Boolean,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AttentionMapsSpec {
        val found = binding.layers(line, layers)
        binding.onePosition(line, from, set)
        val chosen = heads?.let { binding.heads(line, found, it) }
        return AttentionMapsSpec(name, set.name, line, found, chosen, from?.toSpec(), meanOverHeads)
    }
}
