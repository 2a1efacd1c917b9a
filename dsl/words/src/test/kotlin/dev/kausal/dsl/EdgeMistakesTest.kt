package dev.kausal.dsl

import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.engine.model.ModelSource
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** Mistakes of edges and circuits on tiny models. */
class EdgeMistakesTest :
    FunSpec({
        test("edges by name: no ends, backwards, beyond the model, twice") {
            mistakes("llama") { set ->
                val one by edgeAttribution(
                    set,
                    logit,
                    by = exact,
                    only = WRONG.map(::edge) + List(2) { edge("embed -> L0.q0") },
                )
            } shouldContainExactly
                listOf(
                    "the list of edges must be one that names each edge once; found one with embed -> L0.q0 twice",
                    "\"L1H0 - L2.q0\" is no edge: what writes is embed, L3H5 or L3 mlp, as in \"L3H5 -> L7.q5\"",
                    "\"L0.q1 -> L1.q0\" is no edge: what writes is embed, L3H5 or L3 mlp, as in \"L3H5 -> L7.q5\"",
                    "\"L0H0 -> L1.z0\" is no edge: what reads is L7.q5, L7.k1, L7.v1, L7 mlp or logits, as in " +
                        "\"L3H5 -> L7.q5\"",
                    "\"L1H0 -> L0.q0\" runs backwards: a part reads only what was written before it",
                    "the model has no edge \"L7H0 -> logits\": it has layers 0 to 2, heads 0 to 3 and key-value " +
                        "heads 0 to 1",
                )
            mistakes("gpt-neox") { set ->
                val one by circuit(set, logit, keep = listOf(edge("L1H0 -> L1 mlp")))
            } shouldContainExactly
                listOf(
                    "\"L1H0 -> L1 mlp\" runs backwards: a part reads only what was written before it; in this " +
                        "model's parallel " +
                        "blocks an MLP does not read the heads of its layer",
                )
        }

        test("metrics without a gradient, and sizes of circuits") {
            mistakes("llama") { set ->
                val one by edgeAttribution(set, metric("own") { 1.0 }, by = gradient)
                val two by edgeAttribution(set, kl, by = gradient)
                val three by edgeAttribution(set, kl)
                val four by circuit(three, sizes = listOf(0, 5, 191))
                val five by circuit(set, logit, keep = emptyList())
                val six by edgeAttribution(set, logit, by = integratedGradients(0))
            } shouldContainExactly
                listOf(
                    "the metric own has no gradient, as it is a function of the script; estimate logitDifference, " +
                        "logit or another built-in metric, or use by = exact to run each edge",
                    "kl of the clean run is 0, the least that it can be, so its gradient there is 0 and every edit " +
                        "would be estimated to change nothing; use by = integratedGradients(5), or another metric",
                    "a circuit of this model has 1 to 190 edges, not 0",
                    "a circuit of this model has 1 to 190 edges, not 191",
                    "a circuit of this model has 1 to 190 edges, not 0",
                    "the number of steps must be 1 or more; found 0",
                )
        }

        test("what else is measured of circuits, and shares of draws") {
            mistakes("llama") { set ->
                val ranked by edgeAttribution(set, logit)
                val one by circuit(ranked, sizes = listOf(5, 9), minimality = 6)
                val two by circuit(ranked, sizes = listOf(5), consistent = 0.5)
            } shouldContainExactly
                listOf(
                    "minimality must be one of the sizes 5, 9; found 6",
                    "consistent must be a share of draws above 0.5, at most 1; found 0.5",
                    "the number of contrasts of ranked must be 2 or more, as consistent needs draws of them; found 1",
                )
        }

        test("sizes without a sign, where a sign is needed") {
            val sizes = gradient(backward(writes = dropped))
            mistakes("llama") { set ->
                val ranked by edgeAttribution(set, logit, by = sizes)
                val one by circuit(ranked, sizes = listOf(5))
                val two by circuit(ranked, sizes = listOf(5), select = absolute)
                val restored by sweep(set, recovery(logit), by = sizes) {
                    each(heads) { head -> patch(from = clean, to = corrupted, head) }
                }
                val first by sweep(set, logit, by = sizes) { each(heads) { ablate(it) } }
                val second by sweep(set, logit) { each(heads) { ablate(it) } }
                val apart by difference(first, second)
            } shouldContainExactly
                listOf(
                    "estimates with writes = dropped are sizes without a sign, but select = signed ranks edges by " +
                        "the direction " +
                        "of their effects; use select = absolute or greedy, or leave writes = dropped out",
                    "estimates with writes = dropped are sizes without a sign, but recovery(logit) is a share of a " +
                        "difference; " +
                        "use logit, or leave writes = dropped out",
                    "estimates with writes = dropped are sizes without a sign, but difference subtracts changes; " +
                        "leave " +
                        "writes = dropped out",
                )
        }

        test("paths: parts that do not fit, backwards, one inside another, twice") {
            mistakes("llama") { set ->
                val one by sweep(set, logit) {
                    each(WRONG_PATHS, "path") { patch(from = corrupted, to = clean, path(it)) }
                }
                val two by sweep(set, logit) {
                    val some = listOf("L0H1 -> L1H0.q -> logits", "L1H0 -> logits").map(::path)
                    each(listOf(some, some.take(1) + some.take(1)), "paths") { patch(corrupted, clean, paths = it) }
                }
                val three by sweep(set, logit) {
                    each(listOf("L0.q1 -> L1.q0", "L2H0 -> L0.q0")) { patch(corrupted, clean, edge(it)) }
                }
                val four by sweep(set, logit) { each(edgesInto("L9.q0")) { patch(corrupted, clean, it) } }
                val five by sweep(set, logit) { each(edgesFrom("L0.q0")) { patch(corrupted, clean, it) } }
            } shouldContainExactly
                listOf(
                    "\"L0H1\" is no path: it needs two parts or more, as in $EXAMPLE",
                    "\"L1.q0 -> logits\" is no path: it starts with embed, L3H5 or L3 mlp, not L1.q0, as in $EXAMPLE",
                    "\"L0H1 -> L1.q0 -> logits\" is no path: between its ends are L3H5.q, L3H5.k, L3H5.v, L3H5, L3 " +
                        "mlp, not L1.q0, as in $EXAMPLE",
                    "\"L0H1 -> embed\" is no path: it ends with L3H5.q, L3H5.k, L3H5.v, L3H5, L3 mlp, logits or an " +
                        "edge's reader, not embed, as in $EXAMPLE",
                    "\"L1H0 -> L0.q1\" runs backwards: a part reads only what was written before it",
                    "the model has no edge \"L0H1 -> L1.q9\": it has $SIZES",
                    "the model has no edge \"L1H9 -> logits\": it has $SIZES",
                    "\"L0H1 -> L1H0.q -> logits\" goes on along all of \"L1H0 -> logits\", whose first part would be " +
                        "both replaced and computed; patch them in two cells",
                    "the list of paths must be one that names each path once; found one with L0H1 " +
                        "-> L1H0.q -> logits " +
                        "twice",
                    "\"L0.q1 -> L1.q0\" is no edge: what writes is embed, L3H5 or L3 mlp, as in \"L3H5 -> L7.q5\"",
                    "\"L2H0 -> L0.q0\" runs backwards: a part reads only what was written before it",
                    "the model has no reader \"L9.q0\": it has L7.q5, L7.k1, L7.v1, L7 mlp or logits, in $SIZES",
                    "the axis \"edge\" has no values; add at least one",
                    "the model has no writer \"L0.q0\": it has embed, L3H5 or L3 mlp, in $SIZES",
                    "the axis \"edge\" has no values; add at least one",
                )
        }

        test(
            "paths between runs of different lengths, token by token, within one run, and where the stream is no sum",
        ) {
            val along = path("L0H1 -> L1H0 -> logits")
            mistakes("llama", corrupted = "the [small dog] sat") { set ->
                val one by sweep(set, logit) { each(listOf(along)) { patch(from = corrupted, to = clean, it) } }
                val two by sweep(set, logit) {
                    each(listOf(along)) { patch(from = corrupted, to = clean, it).at(last) }
                }
            } shouldContainExactly
                listOf(
                    "a patch needs equally many tokens on both sides, but in \"a\" the prompt has 4 in the source " +
                        "run and 3 in the edited run; patch at a single token (subject-last by spans, last), or " +
                        "use prompts of one length",
                )
            mistakes("llama") { set ->
                val one by sweep(set, logit) { each(listOf(along)) { patch(from = clean, to = clean, it) } }
                val two by sweep(set, logit) {
                    each(listOf(edge("L0H1 -> logits"))) {
                        patch(corrupted, clean, it).at(further) + ablate(Head(0, 0))
                    }
                }
                val three by sweep(set, logit) {
                    each(listOf(emptyList<Path>())) { patch(corrupted, clean, paths = it) }
                }
            } shouldContainExactly
                listOf(
                    "this intervention only keeps clean as it is, so it has no effect; add (+) a change that it " +
                        "blocks, or patch from another run",
                    "an edge cannot be patched at further, token by token, beside other changes; name one span " +
                        "of tokens, such as subject, or make no other change",
                    "this intervention changes nothing: it names no layer or head, as its range or list is empty",
                )
            said("bert-masked") {
                val lm = model<MaskedLm>("tiny")
                val set = contrasts(lm) { contrast("the [tower] is in [MASK]", "paris", "the [hall] is in [MASK]") }
                val one by sweep(set, logit) { each(listOf(along)) { patch(from = corrupted, to = clean, it) } }
            } shouldContainExactly
                listOf(
                    "a patch of edges needs a residual stream that is a sum of outputs, but the blocks of bert " +
                        "norm the stream itself; patch or ablate heads and layers instead",
                )
        }

        test("recovery needs rankings of all edges, and known edges of the model with others left") {
            mistakes("llama") { set ->
                val some by edgeAttribution(set, logit, by = exact, only = listOf(edge("embed -> logits")))
                val apart by edgeAttribution(set, logit, by = gradient, perQueryHead = true)
                val all by edgeAttribution(set, logit, by = gradient)
                val one by roc(some, apart, truth = listOf(edge("embed -> logits")))
                val two by roc(all, truth = emptyList())
                val three by roc(all, truth = listOf(edge("L9H0 -> logits")))
            } shouldContainExactly
                listOf(
                    "the ranking some must be an edgeAttribution of all edges, without only and perQueryHead; found " +
                        "one of some edges",
                    "the ranking apart must be an edgeAttribution of all edges, without only and perQueryHead; found " +
                        "one with perQueryHead",
                    "the number of known edges must be 1 to 189, as others must be left; found 0",
                    "the model has no edge \"L9H0 -> logits\": it has layers 0 to 2, heads 0 to 3 and key-value " +
                        "heads 0 to 1",
                )
        }

        test("runs of different lengths, equal runs, and a stream that is no sum") {
            mistakes("llama", corrupted = "the [small dog] sat") { set ->
                val one by edgeAttribution(set, logit)
            } shouldBe
                listOf(
                    "edgeAttribution puts outputs of the corrupted run into the clean one position by position, but " +
                        "in \"a\" the " +
                        "clean prompt has 3 tokens and the corrupted one 4; use prompts of equal length",
                )
            mistakes("llama", corrupted = "the [cat] sat") { set ->
                val one by edgeAttribution(set, logit)
            } shouldBe
                listOf(
                    "edgeAttribution needs corrupted prompts that differ from the clean ones, but those of \"a\" are " +
                        "the same",
                )
        }
    })

private val WRONG =
    listOf("L1H0 - L2.q0", "L0.q1 -> L1.q0", "L0H0 -> L1.z0", "L1H0 -> L0.q0", "L7H0 -> logits")

private val WRONG_PATHS =
    listOf("L0H1", "L1.q0 -> logits", "L0H1 -> L1.q0 -> logits", "L0H1 -> embed", "L1H0 -> L0H1.q -> logits") +
        "L0H1 -> L1H9.q -> logits"

private const val SIZES = "layers 0 to 2, heads 0 to 3 and key-value heads 0 to 1"
private const val EXAMPLE = "\"L0H1 -> L1H2.v -> L2H0.q -> logits\""

private fun mistakes(
    model: String,
    corrupted: String = "the [dog] sat",
    words: ExperimentScope.(Contrasts<CausalLm>) -> Unit,
): List<String> =
    said(model) {
        val lm = model<CausalLm>("tiny")
        words(contrasts { contrast("the [cat] sat", "the", corrupted, "sat", label = "a") })
    }

private fun said(
    model: String,
    words: ExperimentScope.() -> Unit,
): List<String> =
    ModelSource.open(tinyFolder(model)).use { source ->
        try {
            declared { words() }.boundTo(source)
            emptyList()
        } catch (e: ScriptMistakes) {
            e.mistakes.map { it.message }
        }
    }
