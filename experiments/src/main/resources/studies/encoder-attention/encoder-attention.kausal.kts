// Where an encoder looks, and, where it fills masks in, which heads it needs for that.
//
//     ./kausal run encoder-attention                                          on a small model in the jar
//     ./kausal run encoder-attention --model minilm-l6 --set framed=true      or a folder of BERT, RoBERTa, DistilBERT
experiment("encoder-attention") {
    val encoder = model<TextEncoder>("embedded:encoder")
    val framed by parameter(false, "true for a model that puts [CLS] and [SEP] around its texts, and takes pairs")

    val texts = prompts(encoder) {
        prompt("The capital of France is Paris.")
        if (framed) pair("It was not bad.", "I liked it.") else prompt("The Eiffel Tower is located in the city of Paris.")
    }

    // Token to token: everything, the last layer, the mean over heads of each layer, the mean over all.
    val looks by attention(texts)
    val lastLayer by attention(texts, layers = -1..-1)
    val layerMeans by attention(texts, meanOverHeads = true)
    val mean by attention(texts, meanOverHeads = true, meanOverLayers = true)
    val rolled by rollout(texts)

    // How heads look.
    val spread by attentionMeasure(texts, entropy)
    val unlike by attentionMeasure(texts, diversity)

    report {
        findings(looks, spread, unlike)
        attention(looks)
        attention(lastLayer, "The last layer")
        attention(layerMeans, "Mean over heads")
        attention(mean, "Mean over heads and layers")
        heatmap(rolled, "Rollout from token to token")
        heatmap(spread, "Entropy of attention")
        lines(unlike, "How unlike the heads of a layer look")
    }

    // How much of it rests on the tokens that stand for nothing.
    if (framed) {
        val onCls by attentionMeasure(texts, clsShare)
        val onSeparators by attentionMeasure(texts, separatorShare)
        report {
            heatmap(onCls, "Attention to [CLS]")
            heatmap(onSeparators, "Attention to [SEP]")
        }
    }

    // Only a model with a masked-LM head says anything at its mask.
    given<MaskedLm>(encoder) { filling ->
        val first by parameter("paris", "the capital of France as a token; RoBERTa's begin with a blank. With framed=true")
        val second by parameter("rome", "the capital of Italy as a token. With framed=true")
        val capitals = if (framed) {
            listOf("France" to first, "Italy" to second)
        } else {
            listOf("France" to " Paris", "Italy" to " Rome", "Germany" to " Berlin", "Japan" to " Tokyo",
                "Spain" to " Madrid", "Greece" to " Athens", "Russia" to " Moscow", "China" to " Beijing")
        }
        val facts = contrasts(filling) {
            capitals.zipWithNext().forEach { (one, other) ->
                contrast(
                    clean = "The capital of [${one.first}] is [MASK].", answer = one.second,
                    corrupted = "The capital of [${other.first}] is [MASK].", foil = other.second,
                )
            }
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
