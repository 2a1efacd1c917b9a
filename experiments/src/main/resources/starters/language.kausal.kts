// A first experiment on a language model. Run it:   ./kausal run starter.kausal.kts
// See its plan first:                              ./kausal explain starter.kausal.kts
experiment("starter") {
    // The model: one in the jar, a catalog id (./kausal models), a folder, a .gguf file, or hf:org/name@revision.
    val lm = model<CausalLm>("embedded:facts")

    // Change it from the command line: --set heads=5
    val strongest by parameter(5, "heads to remove together, at most")

    // Pairs of prompts that differ in one thing. [..] marks the subject; answer and foil are one token each, with their
    // leading blank. Write your own, or read them from a file beside this script: fromJson("mine.json").
    val facts = contrasts {
        contrast(
            clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
            corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
        )
        contrast(
            clean = "The capital of [Germany] is", answer = " Berlin",
            corrupted = "The capital of [Japan] is", foil = " Tokyo",
        )
        contrast(
            clean = "People in [Spain] speak", answer = " Spanish",
            corrupted = "People in [Greece] speak", foil = " Greek",
        )
    }.filter(knows())                                     // only what the model knows; the report says what was dropped

    // Where does the answer pass? Each cell puts the clean residual stream into the corrupted run at one place.
    // 0: nothing comes back, 1: the clean answer is back. Prompts of different lengths meet at spans.
    val trace by sweep(facts, recovery(logitDifference)) {
        each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
    }

    // What is lost without a head?
    val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }

    // Any edit of any activation: here, each MLP's neurons at half strength.
    val halved by sweep(facts, logitDifference) {
        each(layers) { layer -> hook(lm.blocks[layer].mlp.post) { it * 0.5f } }
    }

    // Who writes the answer, and where does attention go?
    val attribution by directLogitAttribution(facts)
    val looks by attention(facts)

    // Are the heads that matter on half of the examples needed on the other half?
    val together by jointAblation(facts, logitDifference, needed, sizes = 1..strongest)

    report {
        heatmap(trace, "Where the answer passes")
        heatmap(needed, "What is lost without a head")
        bars(halved, "MLPs at half strength")
        bars(attribution, "Who writes the answer")
        lines(together, "The strongest heads together, against as many random ones")
        attention(looks)
    }
}
