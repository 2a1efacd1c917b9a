package dev.kausal.dsl.bind

import dev.kausal.dsl.Beit
import dev.kausal.dsl.Bert
import dev.kausal.dsl.Capability
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Clip
import dev.kausal.dsl.Deberta
import dev.kausal.dsl.Dinov2
import dev.kausal.dsl.Dinov3
import dev.kausal.dsl.DistilBert
import dev.kausal.dsl.Electra
import dev.kausal.dsl.Encoder
import dev.kausal.dsl.Gemma
import dev.kausal.dsl.Gemma2
import dev.kausal.dsl.Gemma3
import dev.kausal.dsl.Gpt2
import dev.kausal.dsl.GptJ
import dev.kausal.dsl.GptNeo
import dev.kausal.dsl.GptNeoX
import dev.kausal.dsl.Granite
import dev.kausal.dsl.ImageClassifier
import dev.kausal.dsl.ImageEncoder
import dev.kausal.dsl.Llama
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.Mistral
import dev.kausal.dsl.ModernBert
import dev.kausal.dsl.Olmo2
import dev.kausal.dsl.Olmo3
import dev.kausal.dsl.Opt
import dev.kausal.dsl.Phi
import dev.kausal.dsl.Phi3
import dev.kausal.dsl.Qwen2
import dev.kausal.dsl.Qwen3
import dev.kausal.dsl.Roberta
import dev.kausal.dsl.Siglip
import dev.kausal.dsl.SmolLm3
import dev.kausal.dsl.StableLm
import dev.kausal.dsl.TextClassifier
import dev.kausal.dsl.TokenClassifier
import dev.kausal.dsl.Vit
import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.config.OutputHeadConfig

/** One architecture: the engine's name of the family, the script's type argument, and its capability. */
internal data class Architecture(
    val family: String,
    val type: Class<out Capability>,
    val kind: Class<out Capability>,
)

internal val architectures: List<Architecture> =
    listOf(
        causal("gpt2", Gpt2::class.java),
        causal("llama", Llama::class.java),
        causal("gpt_neox", GptNeoX::class.java),
        causal("gptj", GptJ::class.java),
        causal("gpt_neo", GptNeo::class.java),
        causal("opt", Opt::class.java),
        causal("mistral", Mistral::class.java),
        causal("qwen2", Qwen2::class.java),
        causal("qwen3", Qwen3::class.java),
        causal("smollm3", SmolLm3::class.java),
        causal("stablelm", StableLm::class.java),
        causal("gemma", Gemma::class.java),
        causal("gemma2", Gemma2::class.java),
        causal("gemma3", Gemma3::class.java),
        causal("olmo2", Olmo2::class.java),
        causal("olmo3", Olmo3::class.java),
        causal("phi", Phi::class.java),
        causal("granite", Granite::class.java),
        causal("phi3", Phi3::class.java),
        Architecture("bert", Bert::class.java, MaskedLm::class.java),
        Architecture("roberta", Roberta::class.java, MaskedLm::class.java),
        Architecture("distilbert", DistilBert::class.java, MaskedLm::class.java),
        Architecture("deberta", Deberta::class.java, MaskedLm::class.java),
        Architecture("deberta-v2", Deberta::class.java, MaskedLm::class.java),
        Architecture("electra", Electra::class.java, MaskedLm::class.java),
        Architecture("modernbert", ModernBert::class.java, MaskedLm::class.java),
        Architecture("vit", Vit::class.java, ImageClassifier::class.java),
        Architecture("deit", Vit::class.java, ImageClassifier::class.java),
        Architecture("timm_vit", Vit::class.java, ImageClassifier::class.java),
        Architecture("dinov2", Dinov2::class.java, ImageClassifier::class.java),
        Architecture("beit", Beit::class.java, ImageClassifier::class.java),
        Architecture("dinov3", Dinov3::class.java, ImageEncoder::class.java),
        Architecture("clip", Clip::class.java, ImageEncoder::class.java),
        Architecture("siglip", Siglip::class.java, ImageEncoder::class.java),
    )

private fun causal(
    family: String,
    type: Class<out CausalLm>,
) = Architecture(family, type, CausalLm::class.java)

/** Returns the capability of most models of a family, such as `CausalLm` for `llama`; the family's name if unknown. */
internal fun kindOf(family: String): String =
    architectures.firstOrNull { it.family == family }?.kind?.simpleName ?: family

private val kinds: List<Class<out Capability>> =
    listOf(
        CausalLm::class.java,
        MaskedLm::class.java,
        TextClassifier::class.java,
        TokenClassifier::class.java,
        ImageClassifier::class.java,
        Encoder::class.java,
        ImageEncoder::class.java,
    )

/** Returns the type of a model of [family] with [capability]: its architecture, or else the capability itself. */
internal fun typeOf(
    family: String,
    capability: String,
): Class<out Capability> =
    architectures.firstOrNull { it.family == family && it.kind.simpleName == capability }?.type
        ?: kinds.firstOrNull { it.simpleName == capability }
        ?: Capability::class.java

/** Returns what a model of this config can do: the name of a [Capability]. */
public fun capabilityOf(config: ModelConfig): String =
    when (config.head().task()) {
        OutputHeadConfig.Task.NEXT_TOKEN -> CausalLm::class

        OutputHeadConfig.Task.MASKED_TOKEN -> MaskedLm::class

        OutputHeadConfig.Task.CLASSES -> if (config.readsImages()) ImageClassifier::class else TextClassifier::class

        OutputHeadConfig.Task.TOKEN_CLASSES -> TokenClassifier::class

        OutputHeadConfig.Task.EMBEDDING,
        OutputHeadConfig.Task.HIDDEN_STATES,
        -> if (config.readsImages()) ImageEncoder::class else Encoder::class
    }.java.simpleName
