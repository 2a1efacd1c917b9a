// Where does a language model find a fact about what a sentence names?
//
// The method is activation patching (Meng et al. 2022; Wang et al. 2023): run a prompt whose answer the model knows,
// run another that differs only in its subject, and move activations of the first into the second, one place at a
// time. Where the first answer comes back, the fact passes through. Every result has intervals, tests and controls.
experiment("fact-recall") {
    val lm = model<CausalLm>("embedded:facts")
    val examples by parameter(24, "drawn from 180 facts; those that the model knows stay")
    val seed by parameter(0, "draws them, the noise and the random heads")
    seed(seed.toLong())

    // Three landmarks whose prompts are equally long, so that they can be swept position by position.
    val landmarks = contrasts {
        contrast(
            clean = "The [Eiffel Tower] is located in the city of", answer = " Paris",
            corrupted = "The [Colosseum] is located in the city of", foil = " Rome",
        )                                                 // [..] marks the subject span; brackets are not tokens
        fromJson("facts.json")                            // beside the script
    }

    // Facts of five relations whose prompts are not: they are aligned by spans. What the model does not know is dropped.
    val everyFact = contrasts { fromJson("relations.json") }
    val facts = everyFact.sample(examples).filter(knows())

    // The residual stream of the clean run, put into the corrupted run: 0 = corrupted run, 1 = clean run.
    val trace by sweep(landmarks, recovery(logitDifference)) {
        each(layers, positions) { layer, position -> patch(from = clean, to = corrupted, layer).at(position) }
    }
    val swapped by sweep(facts, recovery(logitDifference)) {
        each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
    }

    // The same with the output of one kind of sub-layer at a time, over windows of a fifth of the model's layers.
    val throughAttention by sweep(facts, recovery(logitDifference)) {
        each(layers, spans) { layer, span ->
            patch(from = clean, to = corrupted, layers = layer.window(), site = attnOut).at(span)
        }
    }
    val throughMlp by sweep(facts, recovery(logitDifference)) {
        each(layers, spans) { layer, span ->
            patch(from = clean, to = corrupted, layers = layer.window(), site = mlpOut).at(span)
        }
    }

    // Causal tracing as in Meng et al. 2022: the corrupted run is the clean prompt with noise on its subject, as strong as
    // three standard deviations of the embeddings of all 180 facts' subjects. Restored is the state after a layer;
    // measured is the probability of the answer. Severed, what comes back may not pass the later MLPs at the same token.
    val noised = noise(subject, sigmas = 3.0, samples = 10, of = everyFact)
    val traced by sweep(facts, probability) {
        each(layers, spans) { layer, span -> patch(from = clean, to = noised, layer, residPost).at(span) }
    }
    val severed by sweep(facts, probability) {
        each(layers, spans) { layer, span ->
            (patch(from = clean, to = noised, layer, residPost) + freeze(layer.later, mlpOut)).at(span)
        }
    }

    // What the answer needs: each head alone removed, each MLP alone at half strength.
    val needed by sweep(facts, logitDifference) { each(heads) { head -> ablate(head) } }
    val scaled by sweep(facts, logitDifference) {
        each(layers) { layer -> hook(lm.blocks[layer].mlp.post) { it * 0.5f } }
    }

    // The heads that were needed most on one half of the facts, removed together on the other half.
    // With 299 random sets, p is below 0.05 where the chosen heads are the furthest, also times the results of this report.
    val together by jointAblation(facts, logitDifference, ranking = needed, order = lowest, sizes = listOf(1, 3, 10), draws = 299)

    // Are any two of them redundant, or do they act jointly?
    val pairs by interaction(facts, logitDifference, needed, top = 8)

    // What the logit difference is made of, what the model would say after each layer, and where it looks.
    val attribution by directLogitAttribution(facts)
    val lens by logitLens(landmarks)
    val looks by attention(landmarks)

    report {
        findings(swapped, needed, together)
        heatmap(trace)
        heatmap(swapped)
        heatmap(throughAttention)
        heatmap(throughMlp)
        heatmap(traced)
        heatmap(severed)
        heatmap(needed)
        lines(together)
        heatmap(pairs)
        lines(scaled)
        bars(attribution)
        table(lens)
        attention(looks)
    }
}
