package dev.kausal.dsl

import dev.kausal.dsl.bind.architectures
import dev.kausal.dsl.bind.capabilityOf
import dev.kausal.engine.family.Families
import dev.kausal.engine.model.ModelSource
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path

private fun <T> opened(
    name: String,
    read: (ModelSource) -> T,
): T = ModelSource.open(Path.of("../../engine/src/test/resources/tiny", name)).use(read)

class CapabilityTest :
    FunSpec({
        test("what a model can do follows from its head") {
            opened("gemma2") { capabilityOf(it.config()) } shouldBe "CausalLm"
            opened("roberta-masked") { capabilityOf(it.config()) } shouldBe "MaskedLm"
            opened("roberta-classes") { capabilityOf(it.config()) } shouldBe "TextClassifier"
            opened("bert-tokens") { capabilityOf(it.config()) } shouldBe "TokenClassifier"
            opened("bert-questions") { it.classNames() } shouldBe listOf("start", "end")
            opened("bert-next-sentence") { it.classNames() } shouldBe listOf("next", "not next")
            opened("minilm") { capabilityOf(it.config()) } shouldBe "Encoder"
        }
        listOf(
            "gpt2",
            "llama",
            "gpt-neox",
            "gptj",
            "gpt-neo",
            "opt",
            "mistral",
            "qwen2",
            "qwen3",
            "smollm3",
            "gemma2",
            "gemma3",
            "olmo2",
            "phi3",
            "bert-masked",
            "roberta-masked",
            "distilbert-masked",
            "electra-generator",
            "modernbert-masked",
            "beit",
            "dinov3",
            "clip",
            "siglip",
        ).forEach { name ->
            test("a script can ask for the architecture of $name") {
                val config = opened(name) { it.config() }
                val architecture = architectures.firstOrNull { it.family == config.family() }
                architecture shouldNotBe null
                architecture!!.kind.simpleName shouldBe capabilityOf(config)
            }
        }
        test("each family of the engine has a type argument, and none has another") {
            architectures.map { it.family }.sorted() shouldBe Families.names().sorted()
        }
        test("a classifier is not the masked LM that its family usually is") {
            val declared = inTestFile { experiment("x") { model<Bert>("a") } }
            declared.mistakes(facts("bert").copy(capability = "TextClassifier")).single().message shouldContain
                "for a Bert, but \"embedded:facts\" is a TextClassifier (family bert)"
            declared.mistakes(facts("bert")) shouldBe emptyList()
        }
    })
