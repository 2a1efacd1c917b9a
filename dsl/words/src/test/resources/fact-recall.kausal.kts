experiment("fact-recall") {
    val lm = model<CausalLm>("embedded:facts")           // or "hf:org/name@rev", a folder, a .gguf, a catalog id

    val facts = contrasts {
        contrast(
            clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
            corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
        )                                                 // [..] marks the subject span; brackets are not tokens
        fromJson("facts.json")                            // beside the script
    }

    val trace by sweep(facts, recovery(logitDifference)) {            // 0 = corrupted run, 1 = clean run
        each(layers, positions) { layer, position -> patch(from = clean, to = corrupted, layer).at(position) }
    }
    val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
    val scaled by sweep(facts, logitDifference) {
        each(layers) { layer -> hook(lm.blocks[layer].mlp.post) { it * 0.5f } }
    }
    val attribution by directLogitAttribution(facts)
    val looks by attention(facts, layers = 0..3)

    report { heatmap(trace); heatmap(needed); bars(attribution); attention(looks) }
}
