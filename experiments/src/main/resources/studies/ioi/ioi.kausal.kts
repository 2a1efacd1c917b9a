// Which heads, and which edges between them, find the name that a sentence needs next?
//
// "When Mary and John went to the store, John gave a ring to" continues with " Mary", the indirect object: the subject, John,
// occurs twice (Wang et al. 2023). The script narrows down from the whole model to a circuit of a few edges: behaviour, tokens,
// heads, edges, circuit.
//
//     ./kausal run ioi
//     ./kausal run ioi --model smollm2-135m-q4 --set estimated=true       or another language model
experiment("ioi") {
    val lm = model<CausalLm>("embedded:ioi")
    val examples by parameter(32, "drawn from 1344 sentences; those in which the model prefers the indirect object stay")
    val corruption by parameter("swap", "swap: in the corrupted prompt, the other of the two names acts; third: a third name")
    val estimated by parameter(false, "true for a model of many layers: edges are estimated instead of run one by one")
    val seed by parameter(0, "draws sentences, halves and random circuits")
    seed(seed.toLong())

    val names = listOf("Mary", "John", "Anna", "Tom", "Kate", "Paul", "Lucy", "Mark")
    val scenes = listOf(
        "When .. went to the store, .. gave a ring to", "After .. went to the store, .. offered a drink to",
        "While .. were at the store, .. sent a letter to", "When .. went to the park, .. gave a drink to",
        "After .. left the park, .. sent a book to", "While .. were at the park, .. offered a ring to",
        "When .. were at the school, .. offered a book to", "After .. left the school, .. gave a letter to",
        "While .. were at the school, .. sent a ring to", "When .. left the office, .. sent a letter to",
        "After .. went to the office, .. gave a book to", "While .. were at the office, .. offered a drink to",
    )

    // Every two names in both orders: the subject (S) comes second (ABBA) or first (BABA), the other is the indirect object (IO).
    // The brackets mark the second occurrence of the subject (S2), in which clean and corrupted prompts differ.
    val pairs = contrasts {
        for (scene in scenes) for (s in names) for (io in names - s) for (order in listOf("ABBA", "BABA")) {
            val others = names - s - io
            val actor = if (corruption == "swap") io else others[(names.indexOf(s) + names.indexOf(io)) % others.size]
            val (start, place, deed) = scene.split("..")
            val sentence = start + (if (order == "ABBA") "$io and $s" else "$s and $io") + place
            contrast(
                clean = "$sentence[$s]$deed", answer = " $io", corrupted = "$sentence[$actor]$deed", foil = " $s",
                label = "$sentence$s$deed", template = scene, relation = order,
            )
        }
    }.sample(examples).filter(prefersAnswer())
    inference(clusters = perTemplate)

    // Does the model prefer the indirect object, in both orders?
    val answers by behaviour(pairs, by = perRelation)

    // At which token is it decided? The clean residual stream, put into the corrupted run: 0 = corrupted run, 1 = clean run.
    val trace by sweep(pairs, recovery(logitDifference)) {
        each(layers, values(listOf(subjectLast, afterSubject, last), "token")) { layer, token ->
            patch(from = clean, to = corrupted, layer).at(token)
        }
    }

    // Which heads does it need? All are estimated from gradients; those with the largest estimates, and some of the others, are run.
    val screen by sweep(pairs, logitDifference, by = integratedGradients(5), exact = top(12)) {
        each(heads) { head -> patch(from = corrupted, to = clean, head) }
    }
    // The strongest of them exactly, at S2 and at the last token; and what each component writes into the logits.
    val atS2 by sweep(pairs, logitDifference) {
        each(screen.top(6)) { head -> patch(from = corrupted, to = clean, head).at(subjectLast) }
    }
    val atEnd by sweep(pairs, logitDifference) {
        each(screen.top(6)) { head -> patch(from = corrupted, to = clean, head).at(last) }
    }
    val writes by directLogitAttribution(pairs)

    // Which edges carry it? And how few of them are as good as the whole model, on sentences that did not choose them?
    val edges by if (estimated) edgeAttribution(pairs, logitDifference) else edgeAttribution(pairs, logitDifference, by = exact)
    val circuit by circuit(edges, draws = 3, halves = true)

    report {
        findings(circuit, trace, answers)
        bars(answers, "The behaviour: which of the two names comes next")
        heatmap(trace, "The tokens: where it is decided")
        heatmap(screen, "The heads: a screen of all of them")
        bars(atS2, "The strongest heads at S2, where the subject occurs again")
        bars(atEnd, "The strongest heads at the last token")
        bars(writes, "What writes the answer")
        bars(edges, "The edges: which of them matter")
        lines(circuit, "The circuit: how few edges are enough")
        graph(circuit, "The circuit: which edges they are")
    }
}
