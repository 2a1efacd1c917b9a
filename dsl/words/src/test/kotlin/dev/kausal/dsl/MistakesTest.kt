package dev.kausal.dsl

import dev.kausal.dsl.bind.MarkedPrompt
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.bind.heads
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeSortedBy
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path

private fun ExperimentScope.one(
    clean: String = "The [tower] is in",
    corrupted: String? = "The [hall] is in",
    answer: String = " Paris",
    foil: String? = " Rome",
): Contrasts<CausalLm> = contrasts { contrast(clean, answer, corrupted, foil) }

/** The messages of a script that sweeps once, over [cell]. */
private fun cell(
    facts: ModelFacts = facts(),
    clean: String = "The [tower] is in",
    corrupted: String? = "The [hall] is in",
    metric: Metric = logit,
    cell: (Model<CausalLm>) -> Intervention,
): List<String> =
    script { lm ->
        val swept by sweep(one(clean, corrupted), metric) { each(listOf(0)) { cell(lm) } }
        report { heatmap(swept) }
    }.mistakes(facts).map { it.message }

private fun prompts(
    clean: String,
    answer: String = " Paris",
    foil: String? = null,
): List<String> = script { one(clean, null, answer, foil) }.mistakes().map { it.message }

class RangeMistakesTest :
    FunSpec({
        test("layer") {
            cell { ablate(it.blocks[4].mlpOut) } shouldBe
                listOf("no layer 4: this model has 4 layers, 0 to 3")
        }
        test("negative layer") { cell { ablate(it.blocks[-1].mlpOut) }.single() shouldContain "no layer -1" }
        test("head") {
            cell { ablate(it.blocks[3].attn.z.head(9)) } shouldBe
                listOf("no head 9 in layer 3: this model has 9 heads, 0 to 8")
        }
        test("a head by itself") { cell { ablate(Head(3, 9)) }.single() shouldContain "no head 9 in layer 3" }
        test("heads of a list, each by itself; twice the same; none") {
            cell { ablate(listOf(Head(3, 9), Head(3, 1), Head(4, 0))) } shouldBe
                listOf(
                    "no head 9 in layer 3: this model has 9 heads, 0 to 8",
                    "no layer 4: this model has 4 layers, 0 to 3",
                )
            cell { patch(clean, corrupted, heads = listOf(Head(1, 1), Head(2, 1), Head(1, 1))) } shouldBe
                listOf(
                    "this intervention writes the same at head 1 of blocks.1.attn.hook_z twice; name each once",
                )
            cell { ablate(emptyList<Head>()) } shouldBe
                listOf("this intervention changes nothing: it names no layer or head, as its range or list is empty")
            cell { patch(corrupted, clean, heads = listOf(Head(1, 1), Head(2, 1))) } shouldBe emptyList()
        }
        test("key-value head") {
            cell { ablate(it.blocks[1].attn.k.head(3)) } shouldBe
                listOf("no key-value head 3 in layer 1: this model has 3 key-value heads, 0 to 2")
        }
        test("neuron") { cell { ablate(it.blocks[1].mlp.post.neuron(32)) }.single() shouldContain "no neuron 32" }
        test("position") {
            cell { ablate(it.blocks[1].mlpOut).at(4) }.single() shouldContain
                "no position 4 in \"The tower is in\": this prompt has 4 tokens, 0 to 3"
        }
        test("a mean over queries, which would show them later tokens") {
            for (site in listOf<
                (
                    Model<CausalLm>,
                ) -> Site,
            >({ it.blocks[1].attn.pattern }, { it.blocks[1].attn.scores.head(2) })) {
                cell { ablate(site(it), with = mean) }.single() shouldContain
                    "let queries attend to later tokens; use with = positionMean"
                cell { ablate(site(it), with = positionMean) } shouldBe emptyList()
            }
            cell { ablate(it.blocks[1].attn.z, with = mean) } shouldBe emptyList()
        }
        test("a mean by position over prompts of different lengths") {
            script { lm ->
                val set =
                    contrasts {
                        contrast("The [tower] is in", " Paris", label = "a")
                        contrast("The old [tower] is in", " Paris", label = "b")
                    }
                val swept by sweep(set, logit) {
                    each(layers) { ablate(lm.blocks[it.index].mlpOut, with = positionMean) }
                }
                report { bars(swept) }
            }.mistakes().first().message shouldContain
                "have 4 to 5; use prompts of one length, or a mean over all positions (mean)"
        }
        test("hook point of another family") {
            cell { ablate(it.posEmbed) }.single() shouldContain "no hook point hook_pos_embed: the family llama"
            cell(facts("gpt2")) { ablate(it.posEmbed) } shouldBe emptyList()
        }
        test("a reading of a noised run") {
            script {
                val looks by attention(one(), run = noise(subject))
                val lens by logitLens(one(), run = noise(subject, samples = 2))
                report { attention(looks) }
            }.mistakes().map { it.line!! to it.message }.let { (first, second) ->
                second.first shouldBe first.first + 1
                first.second shouldBe
                    "the run of looks must be clean or corrupted; noised runs are for sweeps, and for capture of any " +
                    "site; found noise(subject)"
                second.second shouldContain "the run of lens must be clean or corrupted"
            }
        }
        test("layers of attention") {
            script {
                val looks by attention(one(), 2..4)
                report { attention(looks) }
            }.mistakes().single().message shouldContain "no layer 4"
        }
    })

class PromptMistakesTest :
    FunSpec({
        test("an answer of several tokens, with the blank that is missing") {
            prompts("a", "Paris").single() shouldBe
                "the answer must be one token, but \"Paris\" is 2 tokens: \"Par\" + \"is\"; " +
                "did you mean \" Paris\", with a leading blank?"
        }
        test("a foil of several tokens") {
            prompts("a", foil = " New York").single() shouldContain
                "\" New\" + \" York\""
        }
        test("answer and foil alike") { prompts("a", foil = " Paris").single() shouldContain "must differ" }
        test("empty prompt") { prompts("").single() shouldContain "the clean prompt is empty" }
        test("too long") { prompts("a ".repeat(25).trim()).single() shouldContain "25 tokens, but this" }
        test("a long text is quoted in part") {
            prompts("word ".repeat(900).trim()).single() shouldStartWith
                "\"${"word ".repeat(16).take(79)}\u2026\" has 900 tokens, but this model's context is 24"
        }
        test("unbalanced") { prompts("a [b").single() shouldContain "an unmatched bracket" }
        test("closed before it is opened") { prompts("a ]b[").single() shouldContain "an unmatched bracket" }
        test("several") { prompts("[a] [b]").single() shouldContain "several subjects" }
        test("nothing between") { prompts("a [] b").single() shouldContain "are empty" }
        test("escaped brackets are text") {
            prompts("""a \[b\] [c]""") shouldBe emptyList()
            MarkedPrompt.parse("""a \[b\] [c]""").text shouldBe "a [b] c"
        }
        test("no contrast") {
            script { contrasts { } }.mistakes().single().message shouldContain "contrasts is empty"
        }
        test("no foil is needed by a logit") {
            script {
                val swept by sweep(one(foil = null), logit) { each(heads) { ablate(it) } }
                report { heatmap(swept) }
            }.mistakes() shouldBe emptyList()
        }
        test("no foil for a logit difference") {
            script {
                val found by directLogitAttribution(one(foil = null))
                report { bars(found) }
            }.mistakes().single().message shouldContain "needs a foil, which \"tower\" lacks"
        }
        test("a second filter, or a second draw") {
            script {
                val twice = one().filter(knows()).filter(prefersAnswer())
                val drawn = one().sample(2).sample(1)
                val kept by logitLens(twice)
                val left by logitLens(drawn)
                report {
                    table(kept)
                    table(left)
                }
            }.mistakes().map { it.message } shouldBe
                listOf("filter", "sample").map { "$it must be used once per set of inputs; found twice" }
        }
        test("no corrupted prompt") {
            cell(corrupted = null) { patch(clean, corrupted, 0) }.single() shouldContain "needs a corrupted prompt"
            cell(corrupted = null, metric = recovery(logit)) { ablate(Head(0, 0)) }.single() shouldContain
                "recovery(logit)"
            cell(corrupted = null, metric = recovery(logit)) { patch(clean, noise(subject), 0) } shouldBe emptyList()
        }
        test("no subject") {
            cell(clean = "The hall is in") { ablate(it.embed).at(subject) }.single() shouldContain
                "needs a marked subject"
            cell(clean = "The hall is in") { ablate(it.embed).at(last) } shouldBe emptyList()
        }
    })

class InterventionMistakesTest :
    FunSpec({
        val longer = "The [long hall] is in"
        test("spans of different lengths") {
            cell(corrupted = longer) { patch(clean, corrupted, 0).at(subject) }.single() shouldContain
                "1 in the source run and 2"
            cell(corrupted = longer) { patch(clean, corrupted, 0).at(last) } shouldBe emptyList()
        }
        test("prompts of different lengths") {
            cell(corrupted = longer) { patch(clean, corrupted, 0) }.single() shouldContain "the prompt has 4"
        }
        test("span absent") {
            script {
                val swept by sweep(one("In the [tower]"), logit) { each(spans) { ablate(someSite()).at(it) } }
                report { lines(swept) }
            }.mistakes().single().message shouldContain "has no after-subject"
        }
        test("positions of prompts of different lengths") {
            val found =
                script {
                    val swept by sweep(one(corrupted = longer), logit) {
                        each(layers, positions) { layer, at -> patch(clean, corrupted, layer).at(at) }
                    }
                    report { heatmap(swept) }
                }.mistakes().single()
            found.message shouldContain "\"tower\" clean 4, \"tower\" corrupted 5"
        }
        test("only the prompts that are used need one length") {
            script {
                val swept by sweep(one(corrupted = longer), logit) {
                    each(positions) { ablate(someSite()).on(corrupted).at(it) }
                }
                report { heatmap(swept) }
            }.mistakes() shouldBe emptyList()
        }
        test("two bases in a sum") {
            cell { patch(clean, corrupted, 0) + patch(corrupted, clean, 1) }.single() shouldContain
                "corrupted and clean"
        }
        test("a base other than a patch's own") {
            cell { patch(clean, corrupted, 0).on(clean) }.single() shouldContain "edits one run"
        }
        test("from and to alike") {
            cell { patch(clean, clean, 0) }.single() shouldContain "it has no effect"
            cell { freeze(Head(0, 0)) }.single() shouldContain "only keeps clean as it is"
            cell { patch(clean, corrupted, 0) + patch(corrupted, corrupted, 1, site = mlpOut) } shouldBe emptyList()
        }
        test("a change that is frozen away") {
            cell { ablate(Head(1, 0)) + freeze(Head(1, 0)) }.single() shouldContain "freeze less"
            cell { ablate(Head(1, 0)) + freeze(Head(1, 1)) } shouldBe emptyList()
        }
        test("windows that no model has") {
            fun window(of: (Layer) -> IntRange) =
                shouldThrow<ScriptMistakes> { of(Layer(1, 4)) }.mistakes.single().message
            window { it.window(5) } shouldContain "1 to 4, the model's number of layers; found 5 layers"
            window { it.window(0) } shouldContain "1 to 4"
            window { it.window(share = 0.0) } shouldContain "above 0, and 1 at most"
        }
        test("units of noise") {
            cell { patch(clean, noise(subject, deviation = 0.0), 0) }.single() shouldContain "deviation must be above 0"
            script {
                val set = one()
                val both by sweep(set, logit) {
                    each(layers) { patch(clean, noise(subject, of = set, deviation = 1.0), it) }
                }
                report { lines(both) }
            }.mistakes().map { it.message }.distinct().single() shouldContain "found both of ="
        }
        test("no layer in a window") { cell { patch(clean, corrupted, 3..2) }.single() shouldContain "empty" }
        test("no donor") {
            cell { ablate(Head(0, 0), with = resample) }.single() shouldContain
                "another prompt of the set with at least 4 tokens"
        }
        test("no or several grids") {
            script {
                val none by sweep(one(), logit) { }
                report { lines(none) }
            }.mistakes().single().message shouldContain "none has 0"
        }
    })

private fun someSite(): Site = Blocks()[0].mlpOut

class DeclarationMistakesTest :
    FunSpec({
        test("another kind of model") {
            script { }.mistakes(facts("bert")).single().message shouldContain
                "the script is for a CausalLm, but \"embedded:facts\" is a MaskedLm (family bert)"
        }
        test("another architecture") {
            inTestFile { experiment("x") { model<Gpt2>("a") } }.mistakes().single().message shouldContain "for a Gpt2"
            inTestFile { experiment("x") { model<Llama>("a") } }.mistakes() shouldBe emptyList()
        }
        test("no model") {
            val none = experiment("x") { }
            shouldThrow<ScriptMistakes> { none.modelRef }.mistakes shouldBe listOf(Mistake.NoModel)
            none.mistakes() shouldBe listOf(Mistake.NoModel)
        }
        test("two models") {
            script { model<Llama>("b") }.mistakes().single().message shouldContain "has \"embedded:facts\" and \"b\""
        }
        test("contrasts of another kind") {
            val found = inTestFile { experiment("x") { model<Bert>("a").also { contrasts { contrast("a", " b") } } } }
            found.mistakes(facts("bert")).single().message shouldContain "contrasts(model)"
        }
        test("one name twice") {
            script {
                repeat(2) {
                    val looks by attention(one())
                    report { attention(looks) }
                }
            }.mistakes().single().message shouldContain "two results are called \"looks\""
        }
        test("all at once, by line") {
            val found =
                script {
                    val swept by sweep(one(), logit) { each(listOf(9, 8)) { ablate(Head(it, 0)) } }
                    report { heatmap(swept) }
                    contrasts { }
                    one(answer = "Paris")
                }.mistakes()
            found.size shouldBe 4
            found shouldBeSortedBy { it.line ?: Int.MAX_VALUE }
            found.filterIsInstance<Mistake.NoSuchLayer>().map { it.layer } shouldBe listOf(9, 8)
        }
    })

class SettingsTest :
    FunSpec({
        fun settings(vararg arguments: String): ExperimentDeclaration {
            val context = ScriptContext(Path.of(""), "s.kausal.kts", ScriptContext.settings(arguments.toList()))
            return ScriptContext.use(context) {
                script {
                    val k by parameter(5)
                    val strength by parameter(0.5)
                    val on by parameter(true)
                    val word by parameter("a")
                    check("$k $strength $on $word".isNotEmpty())
                }
            }
        }
        test("defaults and values") {
            settings("k=7", "on=false", "word=b=c").parameters shouldBe
                mapOf("k" to "7", "strength" to "0.5", "on" to "false", "word" to "b=c")
        }
        test("wrong type") { settings("k=x").mistakes().single().message shouldContain "k must be a whole number" }
        test("unknown") { settings("q=1").mistakes().single().message shouldContain "it has k, strength, on, word" }
        test("twice or malformed") {
            shouldThrow<ScriptMistakes> { settings("k=1", "k=2", "k") }.mistakes shouldBe
                listOf(Mistake.DuplicateSetting("k"), Mistake.MalformedSetting("k"))
        }
    })
