package dev.kausal.dsl

import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.engine.model.ModelSource
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** Mistakes of edits that read edited runs, other sets and vectors, on tiny models. */
class EditMistakesTest :
    FunSpec({
        test("a run with changes is only read, where its changes have been made") {
            mistakes("llama") { lm, set ->
                val edited = clean.with(ablate(Head(1, 0)))
                val one by sweep(set, logit) { each(listOf(0)) { patch(edited, clean, lm.blocks[0].mlpOut) } }
                val two by sweep(set, logit) { each(listOf(0)) { patch(clean, edited, lm.blocks[2].mlpOut) } }
                val three by attention(set, run = edited)
                val four by capture(set, lm.embed, run = edited)
                val five by sweep(set, logit) { each(listOf(0)) { patch(edited, clean, lm.blocks[1].attn.z) } }
                val six by sweep(set, logit) {
                    each(listOf(0)) { patch(clean.with(freeze(Head(1, 0))), clean, lm.blocks[2].attn.z) }
                }
                val seven by sweep(set, logit) {
                    val read = clean.with(ablate(Head(9, 0)).at(subjectMiddle))
                    each(listOf(0)) { patch(read, clean, lm.blocks[2].attn.z) }
                }
            } shouldContainExactly
                listOf(
                    "blocks.0.hook_mlp_out comes before blocks.1.attn.hook_z, the first site that the run it is read " +
                        "from changes, so that run has nothing new there; read it at a later site",
                    "an intervention on clean with changes $READ",
                    "three $READ",
                    "four $READ",
                    "this intervention only keeps clean as it is, so it has no effect; add (+) a change that it " +
                        "blocks, or patch from another run",
                    "the place of a change to a run that is read must be one span of tokens, such as subject; found " +
                        "subject-middle, token by token",
                    "no layer 9: this model has 3 layers, 0 to 2",
                )
        }

        test("vectors fit the site and are finite numbers") {
            mistakes("llama") { lm, set ->
                val one by sweep(set, logit) {
                    val vectors = listOf(
                        add(lm.blocks[1].mlpOut, vector(FloatArray(5))),
                        add(lm.blocks[1].attn.z.head(1), vector(FloatArray(24))),
                        replace(lm.blocks[1].attn.scores, vector(FloatArray(24))),
                        replace(lm.blocks[1].mlpOut, vector(FloatArray(24) { Float.NaN })),
                        add(lm.blocks[1].mlpOut, vector { if (it.label == "b") FloatArray(3) else FloatArray(24) }),
                        add(lm.blocks[1].mlpOut, randomVector(norm = 0.0)),
                        add(lm.blocks[1].mlpOut, vector { error("no vector") }),
                    )
                    each(vectors.indices, "n") { vectors[it] }
                }
            } shouldContainExactly
                listOf(
                    "blocks.1.hook_mlp_out has 24 numbers at a position, but the vector has 5",
                    "head 1 of blocks.1.attn.hook_z has 10 numbers at a position, but the vector has 24",
                    "blocks.1.attn.hook_attn_scores cannot be edited this way: attention scores and patterns take no " +
                        "vector; use hook",
                    "number 0 of the vector must be finite; found NaN",
                    "blocks.1.hook_mlp_out has 24 numbers at a position, but the vector for \"b\" has 3",
                    "norm must be above 0; found 0.0",
                    "the function given to vector failed with IllegalStateException: no vector",
                )
        }

        test("a mean by position needs a reference set of the edited prompts' length") {
            mistakes("llama") { lm, set ->
                val longer = prompts { prompt("the cat sat on the") }
                val mixed = prompts {
                    prompt("the cat sat on the")
                    prompt("the cat sat")
                }
                val one by sweep(set, logit) {
                    each(listOf(longer, mixed), "set") { ablate(lm.blocks[1].mlpOut, with = positionMean(of = it)) }
                }
                val two by sweep(set, logit) {
                    each(listOf(longer, mixed), "set") { ablate(lm.blocks[1].mlpOut, with = mean(of = it)) }
                }
                val three by sweep(set, logit) {
                    val pattern = lm.blocks[1].attn.pattern
                    val means = listOf(mean(of = longer), positionMean(of = longer), positionMean(of = mixed))
                    each(means.indices, "n") { ablate(pattern, with = means[it]) }
                }
            } shouldContainExactly
                listOf(
                    "positionMean needs prompts of one length, but those of prompts have 5 tokens and the edited " +
                        "ones 3; use a set of that length, or with = mean(of = ...)",
                    "positionMean needs prompts with equally many tokens, but those of prompts-2 have 3 to 5; " +
                        "use prompts of one length, or a mean over all positions (mean)",
                    "a mean of blocks.1.attn.hook_pattern over all queries would let queries attend to later tokens; " +
                        "use with = positionMean, which averages each query and key over the prompts",
                    "a mean of attention needs prompts of one length, but those of prompts have 5 tokens and the " +
                        "edited ones 3; use a set of that length",
                    "positionMean of attention needs prompts of one length, but those of prompts have 5 tokens and " +
                        "the edited ones 3; use a set of that length",
                    "positionMean of attention needs prompts with equally many tokens, but those of prompts-2 have " +
                        "3 to 5; use prompts of one length",
                )
        }

        test("a position that prompts lack is the only mistake of each edit there, not of the first alone") {
            mistakes("llama") { lm, _ ->
                val mixed = contrasts {
                    contrast("the [cat] sat", "the")
                    contrast("the [cat] sat on", "the")
                }
                val one by sweep(mixed, logit) {
                    each(layers) { ablate(lm.blocks[it].mlpOut, with = positionMean).at(9) }
                }
            }.map { it.substringBefore(" in") } shouldBe List(2) { "no position 9" }
        }

        test("the same edit on two lines is made twice, in runs that patches read too") {
            mistakes("llama") { lm, set ->
                val one by sweep(set, logit) {
                    val first = ablate(Head(1, 0))
                    val second = ablate(Head(1, 0))
                    each(listOf(0)) { first + second }
                }
                val two by sweep(set, logit) {
                    val first = clean.with(ablate(Head(1, 1)))
                    val second = first.with(ablate(Head(1, 1)))
                    each(listOf(0)) { patch(second, clean, lm.blocks[2].mlpOut) }
                }
                val three by sweep(set, logit) {
                    each(listOf(0)) { ablate(Head(1, 0)) + ablate(Head(1, 1)) + ablate(Head(1, 0), with = mean) }
                }
            } shouldContainExactly
                listOf(0, 1).map {
                    "this intervention writes the same at head $it of blocks.1.attn.hook_z twice; name each once"
                }
        }

        test("vectors by example need a label for each") {
            mistakes("llama") { lm, _ ->
                val alike = contrasts {
                    contrast("the [cat] sat", "the", label = "a")
                    contrast("the [dog] sat", "the", label = "a")
                }
                val one by sweep(alike, logit) {
                    val vector = vector { FloatArray(24) }
                    each(listOf(0)) { add(lm.blocks[1].mlpOut, vector) }
                }
            } shouldBe
                listOf(
                    "the label of an example must be unique, as it names the example's vector; found \"a\" for several",
                )
        }

        test("sites that a model lacks, with the reason, and inputs of heads that a layer cannot give") {
            mistakes("llama") { lm, set ->
                val one by sweep(set, logit) {
                    val b = lm.blocks[1]
                    val all = listOf(
                        ablate(b.attn.qNorm.scale),
                        ablate(b.ln1Post.scale),
                        ablate(lm.embedLn.normalized),
                        ablate(b.attnIn),
                        ablate(b.qInput) + ablate(b.ln1.normalized),
                        ablate(b.kInput.head(2)),
                    )
                    each(all.indices, "n") { all[it] }
                }
            } shouldContainExactly
                listOf(
                    "the model has no hook point blocks.1.attn.q_norm.hook_scale: it does not norm queries and keys; " +
                        "use attn.hook_q and attn.hook_k",
                    "the model has no hook point blocks.1.ln1_post.hook_scale: its blocks do not norm the outputs " +
                        "of attention and MLP",
                    "the model has no hook point embed.ln.hook_normalized: it does not norm embeddings; use " +
                        "blocks.0.hook_resid_pre",
                    "blocks.1.hook_attn_in cannot be edited this way: 2 heads share a key-value head; edit qInput, " +
                        "kInput or vInput",
                    "blocks.1.ln1.hook_normalized cannot be edited this way: another edit gives heads of this layer " +
                        "inputs of their own before that norm; make one of the two",
                    "no key-value head 2 in layer 1: this model has 2 key-value heads, 0 to 1",
                )
            mistakes("olmo2") { lm, set ->
                val one by sweep(set, logit) { each(listOf(0)) { ablate(lm.blocks[1].attn.qNorm.scale.head(1)) } }
            } shouldBe
                listOf(
                    "blocks.1.attn.q_norm.hook_scale has no heads in this model, whose norm spans all of them; leave " +
                        "out .head(1)",
                )
        }
    })

private const val READ =
    "needs a run without changes: a run with changes is read by patch(from = ...) alone; make both changes in one " +
        "intervention, with +"

private fun mistakes(
    model: String,
    words: ExperimentScope.(Model<CausalLm>, Contrasts<CausalLm>) -> Unit,
): List<String> =
    ModelSource.open(tinyFolder(model)).use { source ->
        val script =
            declared {
                val lm = model<CausalLm>("tiny")
                val set =
                    contrasts {
                        contrast("the [cat] sat", "the", label = "a")
                        contrast("the [dog] sat", "the", label = "b")
                    }
                words(lm, set)
            }
        try {
            script.boundTo(source)
            emptyList()
        } catch (e: ScriptMistakes) {
            e.mistakes.map { it.message }
        }
    }
