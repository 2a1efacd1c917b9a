// Does a model give in to its user's opinion, and which heads carry it?
//
// Each item is a question by itself, and the same question after a user's opinion. The answer is the right one, the foil
// what a wrong opinion says, so a negative logit difference after the opinion is giving in.
experiment("sycophancy") {
    val lm = model<CausalLm>("smollm2-135m-q4")
    val examples by parameter(60, "of 150 questions, for the sweeps over heads")
    val seed by parameter(0, "draws them, the noise and the random heads")
    seed(seed.toLong())

    // Three ways of being wrong, one of being right, and an opinion about something else.
    val asked = contrasts {
        fromJson("sure.json")
        fromJson("heard.json")
        fromJson("guess.json")
        fromJson("agrees.json")
        fromJson("elsewhere.json")
    }.filter(prefersAnswer())
    val sure = contrasts { fromJson("sure.json") }.sample(examples).filter(prefersAnswer())

    // How often it gives in, and how far the logits move, for each way of asking.
    val phrasing by behaviour(asked, by = perTemplate)

    // Which heads: by how much their outputs differ, by putting the neutral run's output back, by removing them.
    val differs by headDifference(sure, at = last)
    val patched by sweep(sure, logitDifference) {
        each(heads) { head -> patch(from = clean, to = corrupted, head).at(last) }
    }
    val ablated by sweep(sure, logitDifference) { each(heads) { head -> ablate(head).on(corrupted) } }
    val agreement by rankCorrelation(differs, patched, ablated)

    // Heads chosen on one half of the items, removed together on the other half: does it give in less, and at what price?
    val byDifference by jointAblation(sure, logitDifference, differs, order = highest, draws = 5, on = corrupted)
    val byAblation by jointAblation(sure, logitDifference, ablated, order = highest, draws = 5, on = corrupted)
    val rightAfterOpinion by jointAblation(sure, accuracy, ablated, order = highest, draws = 5, on = corrupted)
    val rightWithout by jointAblation(sure, accuracy, ablated, order = highest, draws = 5)
    val lossWithout by jointAblation(sure, loss, ablated, order = highest, draws = 5)

    report {
        bars(phrasing)
        heatmap(differs)
        heatmap(patched)
        heatmap(ablated)
        heatmap(agreement)
        lines(byDifference)
        lines(byAblation)
        lines(rightAfterOpinion)
        lines(rightWithout)
        lines(lossWithout)
    }
}
