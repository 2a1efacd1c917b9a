package dev.kausal.dsl

import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.RunSpec

/** Finds the layers and heads that analyses of attention name. */
internal class AttentionBinder(
    private val binding: Binding,
) {
    private val shape = binding.facts.shape
    private val mistakes = binding.mistakes

    fun bind(
        declared: DeclaredAnalysis.Attention,
        set: ContrastSetSpec,
        run: RunSpec,
    ): AttentionSpec {
        val asked = declared.asked
        val layers = layers(declared.line, asked.layers)
        return AttentionSpec(
            declared.name,
            set.name,
            declared.line,
            layers,
            run,
            asked.heads?.let { heads(declared.line, layers, it) },
            asked.part,
            asked.meanOverHeads,
            asked.meanOverLayers,
        )
    }

    /** The layers' numbers, ascending, where negative ones count from the end; all of them if null. */
    fun layers(
        line: Int?,
        asked: List<Int>?,
    ): List<Int> {
        if (asked == null) return List(shape.layers) { it }
        if (asked.isEmpty()) mistakes += Mistake.EmptyAxis(line, "layers")
        asked
            .filter { it !in -shape.layers until shape.layers }
            .mapTo(mistakes) { Mistake.NoSuchLayer(line, it, shape.layers) }
        return asked.map { if (it < 0) it + shape.layers else it }.distinct().sorted()
    }

    /** The heads' numbers, ascending. */
    fun heads(
        line: Int?,
        layers: List<Int>,
        asked: List<Int>,
    ): List<Int> {
        if (asked.isEmpty()) mistakes += Mistake.EmptyAxis(line, "heads")
        asked
            .filter { it !in 0 until shape.heads }
            .mapTo(mistakes) { Mistake.NoSuchHead(line, layers.firstOrNull() ?: 0, it, shape.heads, false) }
        return asked.distinct().sorted()
    }
}
