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
                    "own cannot be estimated by = gradient: a function of the script has no gradient; use a metric " +
                        "of the " +
                        "language, or by = exact",
                    "kl cannot be estimated by = gradient: its gradient is 0 in the clean run, which it compares " +
                        "with; use " +
                        "integratedGradients(5), or by = exact",
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

private fun mistakes(
    model: String,
    corrupted: String = "the [dog] sat",
    words: ExperimentScope.(Contrasts<CausalLm>) -> Unit,
): List<String> =
    ModelSource.open(tinyFolder(model)).use { source ->
        val script =
            declared {
                val lm = model<CausalLm>("tiny")
                words(contrasts { contrast("the [cat] sat", "the", corrupted, "sat", label = "a") })
            }
        try {
            script.boundTo(source)
            emptyList()
        } catch (e: ScriptMistakes) {
            e.mistakes.map { it.message }
        }
    }
