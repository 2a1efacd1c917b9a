package dev.kausal.dsl

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import org.jetbrains.kotlin.cli.common.ExitCode

private fun compile(words: String): Compilation =
    compile("Script.kt", "import dev.kausal.dsl.*\nval script = experiment(\"x\") {\n$words\n}\n")

/** Two scripts that differ in one mistake, which [because] explains. */
private class Case(
    val what: String,
    val compiles: String,
    val fails: String,
    val because: String,
)

private const val CAUSAL = "val lm = model<CausalLm>(\"a\"); val facts = contrasts { contrast(\"a\", \"b\") };"
private const val MASKED = "val lm = model<Bert>(\"a\"); val facts = contrasts(lm) { contrast(\"a\", \"b\") };"

private const val VISION = "val vit = model<Vit>(\"a\"); val seen = images(vit) { image(\"a.png\") };"

private val cases =
    listOf(
        Case(
            "the attention output has no heads",
            "$CAUSAL ablate(lm.blocks[0].attn.z.head(3))",
            "$CAUSAL ablate(lm.blocks[0].attnOut.head(3))",
            "unresolved reference 'head'",
        ),
        Case(
            "a metric cannot be ablated",
            "$CAUSAL ablate(lm.blocks[0].mlpOut)",
            "$CAUSAL ablate(logitDifference)",
            "ablate",
        ),
        Case(
            "an encoder has no direct logit attribution",
            "$CAUSAL val a by directLogitAttribution(facts)",
            "$MASKED val a by directLogitAttribution(facts)",
            "argument type mismatch",
        ),
        Case(
            "an encoder has no logit lens",
            "$MASKED val a by attention(facts)",
            "$MASKED val a by logitLens(facts)",
            "argument type mismatch",
        ),
        Case(
            "an image is no prompt",
            "$VISION contrasts(vit) { contrast(image(\"a.png\"), \"cat\") }",
            "$VISION contrasts(vit) { contrast(\"The tower\", \"cat\") }",
            "argument type mismatch",
        ),
        Case(
            "a language model reads no images",
            "$CAUSAL prompts(lm) { prompt(\"a\") }",
            "$CAUSAL images(lm) { image(\"a.png\") }",
            "mismatch",
        ),
        Case(
            "only an encoder reads pairs of sentences",
            "$MASKED contrasts(lm) { contrast(pair(\"a\", \"b\"), \"c\") }",
            "$CAUSAL contrasts(lm) { contrast(pair(\"a\", \"b\"), \"c\") }",
            "argument type mismatch",
        ),
        Case(
            "an encoder without a head has no contrasts",
            "val lm = model<Encoder>(\"a\"); prompts(lm) { prompt(\"a\") }",
            "val lm = model<Encoder>(\"a\"); contrasts(lm) { contrast(\"a\", \"b\") }",
            "none of the following candidates is applicable",
        ),
        Case(
            "and no metric to sweep",
            "$VISION val a by sweep(seen, logit) { each(heads) { ablate(it) } }",
            "val lm = model<Encoder>(\"a\"); sweep(prompts(lm) { prompt(\"a\") }, kl) { each(heads) { ablate(it) } }",
            "argument type mismatch",
        ),
        Case(
            "an encoder's images have no next tokens to attribute",
            "$VISION val a by attention(seen)",
            "$VISION val a by logitLens(seen)",
            "argument type mismatch",
        ),
        Case(
            "only images have a distance between patches",
            "$VISION val a by attentionMeasure(seen, distance)",
            "$MASKED val a by attentionMeasure(facts, distance)",
            "mismatch",
        ),
        Case(
            "only texts have separators",
            "$MASKED val a by attentionMeasure(facts, separatorShare)",
            "$VISION val a by attentionMeasure(seen, separatorShare)",
            "mismatch",
        ),
        Case(
            "a recovery is not normalised again",
            "$CAUSAL recovery(logit)",
            "$CAUSAL recovery(recovery(logit))",
            "argument type mismatch",
        ),
        Case(
            "attention is not drawn as a heat map of a grid",
            "$CAUSAL val a by attention(facts); report { attention(a) }",
            "$CAUSAL val a by attention(facts); report { heatmap(a) }",
            "argument type mismatch",
        ),
        Case(
            "a model is not declared inside a sweep",
            "$CAUSAL sweep(facts, logit) { each(layers) { ablate(lm.blocks[it].mlpOut) } }",
            "$CAUSAL sweep(facts, logit) { seed(3L) }",
            "implicit receiver",
        ),
        Case(
            "only a capability is a kind of model",
            "model<Vit>(\"a\")",
            "model<String>(\"a\")",
            "bound",
        ),
    )

class CompilationTest :
    FunSpec({
        for (case in cases) {
            test(case.what) {
                compile(case.compiles).let { if (it.code != ExitCode.OK) error(it.said) }
                val failed = compile(case.fails)
                failed.code shouldBe ExitCode.COMPILATION_ERROR
                failed.said.lowercase() shouldContain case.because
            }
        }
    })
