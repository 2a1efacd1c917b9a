package dev.kausal.dsl

import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.engine.hooks.Axis
import dev.kausal.engine.tokens.ChatTemplate
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.ModelShape

val smallShape = ModelShape(4, 9, 3, 18, 2, 32, 1000, 24)

/** A small Llama: no position embeddings, gated feed-forward layers. */
fun facts(
    family: String = "llama",
    tokenizer: Tokenizer = FakeTokenizer(),
    shape: ModelShape = smallShape,
    chat: ChatTemplate? = null,
): ModelFacts =
    ModelFacts(
        "embedded:facts",
        family,
        shape,
        tokenizer,
        hasHook = { it != "hook_pos_embed" || family != "llama" },
        sizeOf = {
            when (it) {
                Axis.D_MODEL -> shape.dModel
                Axis.D_HEAD -> shape.dHead
                Axis.HEAD -> shape.heads
                Axis.D_MLP -> shape.dMlp
                else -> error("no test needs the length of $it")
            }
        },
        chatTemplate = { chat },
    )

/** Declares [words] as a script of this file, with a model. */
fun script(words: ExperimentScope.(Model<CausalLm>) -> Unit): ExperimentDeclaration =
    inTestFile { experiment("test") { words(model<CausalLm>("embedded:facts")) } }

fun <T> inTestFile(block: () -> T): T = ScriptLines.within({ it.endsWith("Test.kt") || it == "Reference.kt" }, block)

/** The mistakes of binding [this]. */
fun ExperimentDeclaration.mistakes(facts: ModelFacts = facts()): List<Mistake> =
    inTestFile {
        try {
            bind(facts)
            emptyList()
        } catch (e: ScriptMistakes) {
            e.mistakes
        }
    }
