// Where an encoder looks, and, where it fills masks in, which heads it needs for that.
//
//     ./kausal run encoder-attention --model FOLDER          a BERT, RoBERTa or DistilBERT
experiment("encoder-attention") {
    val encoder = model<TextEncoder>("minilm-l6")

    val texts = prompts(encoder) {
        prompt("The cat sat on the red mat.")
        pair("It was not bad.", "I liked it.")
    }

    // Token to token: everything, the last layer, the mean over heads of each layer, the mean over all.
    val looks by attention(texts)
    val lastLayer by attention(texts, layers = -1..-1)
    val layerMeans by attention(texts, meanOverHeads = true)
    val mean by attention(texts, meanOverHeads = true, meanOverLayers = true)
    val rolled by rollout(texts)

    // How heads look, and how much of it rests on the tokens that stand for nothing.
    val spread by attentionMeasure(texts, entropy)
    val unlike by attentionMeasure(texts, diversity)
    val onCls by attentionMeasure(texts, clsShare)
    val onSeparators by attentionMeasure(texts, separatorShare)

    report {
        attention(looks)
        attention(lastLayer, "The last layer")
        attention(layerMeans, "Mean over heads")
        attention(mean, "Mean over heads and layers")
        heatmap(rolled, "Rollout from token to token")
        heatmap(spread, "Entropy of attention")
        lines(unlike, "How unlike the heads of a layer look")
        heatmap(onCls, "Attention to [CLS]")
        heatmap(onSeparators, "Attention to [SEP]")
    }

    // Only a model with a masked-LM head says anything at its mask.
    given<MaskedLm>(encoder) { filling ->
        val first by parameter("paris")                    // RoBERTa's words begin with a blank: " Paris"
        val second by parameter("rome")
        val facts = contrasts(filling) {
            contrast(
                clean = "The capital of [France] is [MASK].", answer = first,
                corrupted = "The capital of [Italy] is [MASK].", foil = second,
            )
        }
        val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
        val trace by sweep(facts, recovery(logitDifference)) {
            each(layers, positions) { layer, position -> patch(from = clean, to = corrupted, layer).at(position) }
        }
        report {
            heatmap(needed, "What the masked word loses without a head")
            heatmap(trace, "What each token brings back, by layer")
        }
    }
}
