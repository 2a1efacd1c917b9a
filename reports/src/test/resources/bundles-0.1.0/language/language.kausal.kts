// One of each analysis of text.
experiment("language") {
    val lm = model<CausalLm>("embedded:facts")
    val facts = contrasts {
        contrast("The [Eiffel Tower] is located in the city of", " Paris", "The [Colosseum] is located in the city of", " Rome")
        contrast("The [Colosseum] is located in the city of", " Rome", "The [Eiffel Tower] is located in the city of", " Paris")
    }
    val trace by sweep(facts, recovery(logitDifference)) {
        each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
    }
    val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
    val again by sweep(facts, logitDifference) { each(heads) { head -> ablate(head, with = mean) } }
    val named by sweep(facts, metric("recovery(mine)") { it.getFloat(0).toDouble() }) {
        each(layers) { layer -> ablate(lm.blocks[layer].mlpOut) }
    }
    val shares by directLogitAttribution(facts)
    val looks by attention(facts, layers = 0..0, meanOverHeads = true)
    val lens by logitLens(facts, top = 1)
    val caught by capture(facts, lm.blocks[0].attn.pattern)
    val flow by maximumFlow(facts)
    val seen by watch(facts, kinds = listOf(HookKind.PATTERN)) { _, _ -> }
    val change by headDifference(facts)
    val less by difference(needed, again)
    val alike by rankCorrelation(needed, change)
    val answers by behaviour(facts)
    val removed by jointAblation(facts, logitDifference, needed, sizes = listOf(1, 2), draws = 19)
    val pairs by interaction(facts, logitDifference, needed, top = 3)
}
