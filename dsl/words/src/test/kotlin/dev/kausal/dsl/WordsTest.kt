package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.bind.layers
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.lang.reflect.Proxy

private fun sweep(
    metric: Metric = logit,
    words: SweepScope.(Model<CausalLm>) -> Unit,
): SweepSpec {
    val declared =
        script { lm ->
            seed(42L)
            val facts = contrasts { contrast("The [old tower] is in", " Paris", "The [big hall] is in", " Rome") }
            val swept by sweep(facts, metric) { words(lm) }
            report { table(swept) }
        }
    return inTestFile { declared.bind(facts()) }.spec.analyses.single() as SweepSpec
}

/** An array that only writes down what is asked of it. */
private fun recording(calls: MutableList<String>): NDArray =
    Proxy.newProxyInstance(NDArray::class.java.classLoader, arrayOf(NDArray::class.java)) { self, method, arguments ->
        calls += method.name + (arguments.orEmpty().filterIsInstance<Number>())
        self
    } as NDArray

class WordsTest :
    FunSpec({
        test("spans are an axis of their own") {
            val found = sweep { each(spans) { patch(clean, corrupted, 1).at(it) } }
            found.axes shouldBe
                listOf(
                    AxisSpec(
                        "span",
                        listOf("subject-first", "subject-middle", "subject-last", "after-subject", "further", "last"),
                    ),
                )
            found.cells.map { it.edits.single().at } shouldBe
                listOf(
                    PlaceSpec.Span("subject-first"),
                    PlaceSpec.EachOf("subject-middle"),
                    PlaceSpec.Span("subject-last"),
                    PlaceSpec.Span("after-subject"),
                    PlaceSpec.EachOf("further"),
                    PlaceSpec.Last,
                )
        }
        test("a window is clipped to the model") {
            val found = sweep { each(layers) { patch(clean, corrupted, it.window(3), site = mlpOut) } }
            found.cells.map { it.edits.size } shouldBe listOf(2, 3, 3, 2)
            found.cells[0].edits.map { it.site } shouldBe listOf("blocks.0.hook_mlp_out", "blocks.1.hook_mlp_out")
        }
        test("without a size, a window is about a fifth of the model: ten layers of 48, five below and four above") {
            Layer(20, 48).window() shouldBe 15..24
            Layer(1, 48).window() shouldBe 0..5
            Layer(3, 6).window() shouldBe 3..3
            Layer(0, 2).window() shouldBe 0..0
            Layer(3, 12).window(share = 0.25) shouldBe 2..4
        }
        test("what is frozen is of the run that is edited, in the layers after the change") {
            val found = sweep { each(layers) { patch(clean, corrupted, it, residPost) + freeze(it.later, mlpOut) } }
            found.cells.map { it.edits.size } shouldBe listOf(4, 3, 2, 1)
            found.cells[1].run shouldBe RunSpec.Corrupted
            found.cells[1].edits.map { it.site to it.value } shouldBe
                listOf(
                    "blocks.1.hook_resid_post" to ValueSpec.From(RunSpec.Clean),
                    "blocks.2.hook_mlp_out" to ValueSpec.From(RunSpec.Corrupted),
                    "blocks.3.hook_mlp_out" to ValueSpec.From(RunSpec.Corrupted),
                )
        }
        test("three dimensions, the last fastest") {
            val found =
                sweep {
                    each(layers, positions, values(listOf("a", "b"), "kind")) { l, p, _ ->
                        patch(clean, corrupted, l).at(p)
                    }
                }
            found.axes.map { it.name } shouldBe listOf("layer", "position", "kind")
            found.axes[1].labels shouldBe listOf("The", " big", " hall", " is", " in")
            found.cells.size shouldBe 4 * 5 * 2
            found.cells[0] shouldBe found.cells[1]
        }
        test("any list") {
            sweep { each(listOf(1.5, 2.0)) { ablate(Head(0, 0)) } }.axes shouldBe
                listOf(AxisSpec("value", listOf("1.5", "2.0")))
        }
        test("runs and replacements take the experiment's seed") {
            val noised = RunSpec.Noised(PlaceSpec.Span("subject"), 3.0, 10, 42)
            val found = sweep(recovery(probability)) { each(layers) { patch(clean, noise(subject), it) } }
            found.cells.map { it.run }.distinct() shouldBe listOf(noised)
            found.metric shouldBe MetricSpec.Recovery(MetricSpec.Probability)
            val drawn = sweep {
                each(listOf(0)) { ablate(Head(0, 0), mean) + ablate(Head(0, 1)).on(corrupted) }
            }.cells.single()
            drawn.run shouldBe RunSpec.Corrupted
            drawn.edits.map { it.value } shouldBe listOf(ValueSpec.Mean(), ValueSpec.Zero)
        }
        test("each lambda has its index, and its line") {
            val factors = listOf(1f, 2f)
            val found =
                sweep(metric("mine") { 1.0 }) { lm -> each(factors) { f -> hook(lm.blocks[0].mlpOut) { it * f } } }
            val lambdas = found.cells.map { it.edits.single().value as ValueSpec.Lambda }
            lambdas.map { it.index } shouldBe listOf(0, 1)
            lambdas.map { it.place.substringBefore(':') }.distinct() shouldBe listOf("WordsTest.kt")
            found.metric shouldBe MetricSpec.Named("mine", 0)
        }
        test("what is not declared is not run") {
            val declared = script { directLogitAttribution(contrasts { contrast("a", " b", foil = " c") }) }
            inTestFile { declared.bind(facts()) }.spec.analyses shouldBe emptyList()
        }
        test("an answer may have the blank that the tokenizer itself puts before a text") {
            val written =
                script {
                    val one = contrasts { contrast("The [old tower] is in", " Lyon", "The [big hall] is in", " Bonn") }
                    val swept by sweep(one, logitDifference) { each(layers) { patch(clean, corrupted, it) } }
                    report { table(swept) }
                }
            val tokenizer = FakeTokenizer()
            val bound = inTestFile { written.bind(facts(tokenizer = PrefixingTokenizer(tokenizer))) }
            bound.spec.contrasts.single().contrasts.single().answer?.id shouldBe tokenizer.id(" Lyon")
        }
        test("a filter does not drop an answer for the blank that the tokenizer itself puts before a text") {
            val written =
                script {
                    val one = contrasts { contrast("The [old tower] is in", " Lyon", "The [big hall] is in", " Bonn") }
                    val swept by sweep(one.filter(knows()), logitDifference) {
                        each(layers) { patch(clean, corrupted, it) }
                    }
                    report { table(swept) }
                }
            val bound = inTestFile { written.bind(facts(tokenizer = PrefixingTokenizer())) }
            bound.spec.contrasts.single().contrasts.size shouldBe 1
            bound.spec.contrasts.single().unfit.size shouldBe 0
        }
        test("arithmetic on arrays") {
            val calls = mutableListOf<String>()
            val x = recording(calls)
            -x + x - x * x
            2 * x + 1f - 3.0
            1 - x
            calls shouldBe
                listOf("neg[]", "add[]", "mul[]", "sub[]", "mul[2]", "add[1.0]", "sub[3.0]", "neg[]", "add[1]")
        }
    })
