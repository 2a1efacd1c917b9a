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
 * Maps the heads' attention to the patches of images, without `[CLS]` and registers.
 *
 * @param layers layers; all if null; negative ones count from the end
 * @param heads heads of each layer; all if null
 * @param from querying position, such as `cls` or `patchAt(3, 4)`; `[CLS]` if null, or the mean over patches in a model
 *   without one
 * @param meanOverHeads whether to average over the heads
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

/** Maps on the patch grid of images. */
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
