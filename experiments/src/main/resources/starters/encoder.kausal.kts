// A first experiment on an encoder that fills in masked words. Run it:   ./kausal run starter.kausal.kts
experiment("starter") {
    // A folder of BERT, RoBERTa or DistilBERT with a masked-LM head, or hf:org/name@revision.
    val encoder = model<MaskedLm>("embedded:encoder")

    // [MASK] stands for the model's own mask token; the other brackets mark the subject. Answers are tokens: here, as
    // RoBERTa's, they begin with a blank; BERT's ("paris") do not.
    val facts = contrasts(encoder) {
        contrast(
            clean = "The capital of [France] is [MASK].", answer = " Paris",
            corrupted = "The capital of [Italy] is [MASK].", foil = " Rome",
        )
        contrast(
            clean = "The capital of [Germany] is [MASK].", answer = " Berlin",
            corrupted = "The capital of [Japan] is [MASK].", foil = " Tokyo",
        )
    }

    // Where does the answer pass? 0: nothing comes back, 1: the clean answer is back.
    val trace by sweep(facts, recovery(logitDifference)) {
        each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
    }

    // What is lost without a head, and how do heads look?
    val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
    val looks by attention(facts)
    val spread by attentionMeasure(facts, entropy)

    report {
        heatmap(trace, "Where the answer passes")
        heatmap(needed, "What is lost without a head")
        attention(looks)
        heatmap(spread, "Entropy of attention, in nats")
    }
}
