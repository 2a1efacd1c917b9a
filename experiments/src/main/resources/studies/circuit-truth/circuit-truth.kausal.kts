// Which methods find the edges of a known circuit, in a model that was compiled from a program or trained to compute one.
//
//     ./kausal run circuit-truth                            counts words: slopes of neurons that cancel
//     ./kausal run circuit-truth --set program=reverse      reverses letters: saturated softmax, twice in a row
//     ./kausal run circuit-truth --set program=and          two heads that are both needed: saturated softmax
//     ./kausal run circuit-truth --set program=reverse --set weights=siit      trained instead of compiled; also inhibit
//
// The known edges are those on which the program's answer to one of the pairs depends: it changes if the edge alone brings
// what it brings in the corrupted text.
experiment("circuit-truth") {
    val program by parameter("hist", "reverse, hist, frac-prevs, pair-balance, and, or, inhibit")
    val weights by parameter("rasp", "rasp: compiled from the program; siit: trained to compute it (reverse, inhibit)")
    val counting = listOf("L0H0 -> L0 mlp", "L0 mlp -> logits")
    val joining = counting + "L0H1 -> L0 mlp"
    val finding = joining + listOf("embed -> L0.k1", "embed -> L0.v0", "embed -> L0.v1")
    val circuits = mapOf(
        "reverse" to listOf("embed -> L0.k0", "L0H0 -> L0 mlp", "L0 mlp -> L1.q0", "embed -> L1.v0", "L1H0 -> logits"),
        "hist" to listOf("embed -> L0.q0", "embed -> L0.k0", "L0H0 -> L0 mlp", "L0 mlp -> L1 mlp", "L1 mlp -> logits"),
        "frac-prevs" to counting + "embed -> L0.v0",
        "pair-balance" to joining + listOf("embed -> L0.v0", "embed -> L0.v1"),
        "and" to finding + "embed -> L0.k0",
        "or" to finding + "embed -> L0.k0",
        "inhibit" to finding,
    )
    val lm = model<CausalLm>("embedded:$weights-$program")
    val pairs = contrasts(lm) { fromJson("$program.json") }

    val slopes by edgeAttribution(pairs, logitDifference, by = gradient)
    val relpSlopes by edgeAttribution(pairs, logitDifference, by = gradient(relp))
    val fivePoints by edgeAttribution(pairs, logitDifference, by = integratedGradients(5))
    val hundredPoints by edgeAttribution(pairs, logitDifference, by = integratedGradients(100))
    val runs by edgeAttribution(pairs, logitDifference, by = exact)

    val recovery by roc(
        slopes, relpSlopes, fivePoints, hundredPoints, runs,
        truth = circuits.getValue(program).map(::edge),
    )
    val kept by circuit(pairs, logitDifference, keep = circuits.getValue(program).map(::edge))

    report {
        findings(recovery, runs, kept)
        bars(recovery, "How well each method ranks the known edges first (AUROC)")
        lines(recovery, "Known edges found, by the share of other edges taken for known")
        bars(runs, "Exact effects")
        bars(slopes, "The same, estimated from gradients")
    }
}
