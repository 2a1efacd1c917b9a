package dev.kausal.dsl

import dev.kausal.spec.AttentionPart
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
        val heads = asked.heads?.let { heads(declared.line, layers, it) }
        val spec =
            AttentionSpec(
                declared.name,
                set.name,
                declared.line,
                layers,
                run,
                heads,
                asked.part,
                asked.meanOverHeads,
                asked.meanOverLayers,
            )
        val numbers = numbers(spec, set)
        if (numbers > MOST) mistakes += Mistake.TooManyNumbers(declared.line, declared.name, numbers, MOST)
        return spec
    }

    /** How many numbers the result will hold, or so. */
    private fun numbers(
        spec: AttentionSpec,
        set: ContrastSetSpec,
    ): Long {
        val length = set.contrasts.maxOfOrNull { it.clean.length } ?: 0
        val perPosition = spec.part != AttentionPart.Pattern && spec.part != AttentionPart.Scores
        val matrix = length.toLong() * if (perPosition) shape.dHead else length
        val layers = if (spec.meanOverLayers) 1 else spec.layers.size
        val heads = if (spec.meanOverHeads) 1 else spec.heads?.size ?: shape.heads
        return set.contrasts.size * layers * heads * matrix
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

    private companion object {
        /** About a gigabyte of results.json. */
        const val MOST = 50_000_000L
    }
}
