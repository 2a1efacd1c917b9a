package dev.kausal.dsl.bind

import dev.kausal.dsl.Place
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.ContrastSetSpec

/** Returns the layers' numbers, ascending, with negative ones counted from the end; all layers if null. */
internal fun Binding.layers(
    line: Int?,
    asked: List<Int>?,
): List<Int> {
    if (asked == null) return List(facts.shape.layers) { it }
    if (asked.isEmpty()) mistakes += Mistake.EmptyAxis(line, "layers")
    asked
        .filter { it !in -facts.shape.layers until facts.shape.layers }
        .mapTo(mistakes) { Mistake.NoSuchLayer(line, it, facts.shape.layers) }
    return asked.map { if (it < 0) it + facts.shape.layers else it }.distinct().sorted()
}

/** Returns the heads' numbers, ascending. */
internal fun Binding.heads(
    line: Int?,
    layers: List<Int>,
    asked: List<Int>,
): List<Int> {
    if (asked.isEmpty()) mistakes += Mistake.EmptyAxis(line, "heads")
    asked
        .filter { it !in 0 until facts.shape.heads }
        .mapTo(mistakes) { Mistake.NoSuchHead(line, layers.firstOrNull() ?: 0, it, facts.shape.heads, false) }
    return asked.distinct().sorted()
}

/** Reports layers that are not consecutive. */
internal fun Binding.consecutive(
    line: Int?,
    layers: List<Int>,
) {
    if (layers.zipWithNext().any { (a, b) -> b != a + 1 }) {
        bad(line, "layers", layers.joinToString(), "consecutive layers")
    }
}

/** Reports a [place] that an input of the set lacks, or that is several positions. */
internal fun Binding.onePosition(
    line: Int?,
    place: Place?,
    set: ContrastSetSpec,
) {
    if (place == null) return
    val prompts = set.contrasts.map { it.clean to it.label }
    if (!spans.check(line, "attention from $place", place, prompts)) return
    val wide =
        prompts.firstNotNullOfOrNull { (prompt) -> PositionResolver.find(place, prompt)?.takeIf { it.count() > 1 } }
    if (wide != null) bad(line, "the position", "$place, ${wide.count()} positions", "one position")
}
