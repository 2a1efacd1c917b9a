package dev.kausal.dsl.bind

import dev.kausal.dsl.Top
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ChoiceSpec

/** Returns the data of [top], whose [layers] are meant or whose heads; reports a result that does not rank them. */
internal fun Binding.choice(
    line: Int?,
    top: Top,
    layers: Boolean,
): ChoiceSpec {
    val ranking = declared(top.ranking)
    val ofLayers = layers && ranking?.ranksLayers == true
    if (!ofLayers && ranking?.ranksHeads(this) != true) {
        val found = if (layers) "a result over neither heads nor layers" else "a result that is not over heads"
        bad(
            line,
            "the ranking ${top.ranking}",
            found,
            if (layers) "$RANKS_HEADS, or a sweep with each(layers)" else RANKS_HEADS,
        )
    }
    val most = facts.shape.layers * if (ofLayers) 1 else facts.shape.heads
    if (top.count !in 1..most) bad(line, "top", "${top.count}", "1 to $most")
    return top.toSpec(layers)
}

/** Reports choices from results that depend on choices themselves, or that this model does not have. */
internal fun Binding.choicesOf(specs: List<AnalysisSpec>) {
    val byName = specs.associateBy { it.name }
    for (spec in specs) {
        for (ranking in spec.choices.map { it.ranking }.distinct()) {
            val found = byName[ranking]
            val name = "the ranking $ranking"
            if (found == null) {
                bad(spec.line, name, "left out for this model", "a result of the same model")
            } else if (found.choices.isNotEmpty()) {
                bad(
                    spec.line,
                    name,
                    "one that takes heads or layers from another result itself",
                    "a result that does not",
                )
            }
        }
    }
}
