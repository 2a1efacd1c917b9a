package dev.kausal.dsl

import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.config.OutputHeadConfig

/** Marks the receivers of the script's blocks, so that an inner block cannot call an outer block's words by accident. */
@DslMarker
@Target(AnnotationTarget.CLASS)
public annotation class KausalDsl

/**
 * What a model can do, or which architecture it has: the type argument of `model<M>(ref)`.
 *
 * These are names for the compiler and are never implemented. They limit what compiles: attribution of next tokens
 * takes prompts of a [CausalLm], so it does not compile for a [MaskedLm].
 */
public interface Capability

/** Gives logits of tokens or classes, which answers are among: what metrics need. */
public interface Predicts : Capability

/** Reads texts, with or without a head: what encoders do, and decoders whose head predicts no tokens. */
public interface TextEncoder : Capability

/** Reads images: with or without a head. */
public interface ImageModel : Capability

/** Predicts the next token; each position sees the earlier ones only. */
public interface CausalLm : Predicts

/** Fills masked tokens in; each position sees all others. */
public interface MaskedLm :
    TextEncoder,
    Predicts

/** Sorts images into classes. */
public interface ImageClassifier :
    ImageModel,
    Predicts

/** Sorts texts into classes. */
public interface TextClassifier :
    TextEncoder,
    Predicts

/** Sorts each token of a text into classes; answers are those of the marked word's first token. */
public interface TokenClassifier :
    TextEncoder,
    Predicts

/** Reads texts and has no head: its outputs are hidden states. */
public interface Encoder : TextEncoder

/** Reads images and has no head: its outputs are hidden states. */
public interface ImageEncoder : ImageModel

/** GPT-2 and models of the same shape. */
public interface Gpt2 : CausalLm

/** Llama and models of the same shape: rotary positions, gated feed-forward layers, grouped-query attention. */
public interface Llama : CausalLm

/** GPT-NeoX and Pythia. */
public interface GptNeoX : CausalLm

/** GPT-J. */
public interface GptJ : CausalLm

/** GPT-Neo, and so the TinyStories models. */
public interface GptNeo : CausalLm

/** OPT. */
public interface Opt : CausalLm

/** Mistral. */
public interface Mistral : CausalLm

/** Qwen2 and Qwen2.5. */
public interface Qwen2 : CausalLm

/** Qwen3. */
public interface Qwen3 : CausalLm

/** SmolLM3. */
public interface SmolLm3 : CausalLm

/** StableLM. */
public interface StableLm : CausalLm

/** Gemma. */
public interface Gemma : CausalLm

/** Gemma 2. */
public interface Gemma2 : CausalLm

/** Gemma 3, the text model. */
public interface Gemma3 : CausalLm

/** OLMo 2. */
public interface Olmo2 : CausalLm

/** OLMo 3. */
public interface Olmo3 : CausalLm

/** Phi-1, Phi-1.5 and Phi-2. */
public interface Phi : CausalLm

/** Granite. */
public interface Granite : CausalLm

/** Phi-3. */
public interface Phi3 : CausalLm

/** BERT with a masked-LM head. */
public interface Bert : MaskedLm

/** RoBERTa with a masked-LM head. */
public interface Roberta : MaskedLm

/** DistilBERT with a masked-LM head. */
public interface DistilBert : MaskedLm

/** DeBERTa, every version, with a masked-LM head. */
public interface Deberta : MaskedLm

/** ELECTRA's generator. */
public interface Electra : MaskedLm

/** ModernBERT with a masked-LM head. */
public interface ModernBert : MaskedLm

/** Vision transformers: ViT, DeiT and the models of timm. */
public interface Vit : ImageClassifier

/** DINOv2 with a classifier. */
public interface Dinov2 : ImageClassifier

/** BEiT with a classifier. */
public interface Beit : ImageClassifier

/** DINOv3, which has no head. */
public interface Dinov3 : ImageEncoder

/** The image tower of CLIP, which gives embeddings. */
public interface Clip : ImageEncoder

/** The image tower of SigLIP, which gives embeddings. */
public interface Siglip : ImageEncoder

/** One architecture: the engine's name of the family, the script's type argument, and what it can do. */
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

/** The capability that most models of a family have, such as `CausalLm` of `llama`; its own name where not known. */
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

/** What a model of [family] that can do [capability] is: its architecture, else the capability itself. */
internal fun typeOf(
    family: String,
    capability: String,
): Class<out Capability> =
    architectures.firstOrNull { it.family == family && it.kind.simpleName == capability }?.type
        ?: kinds.firstOrNull { it.simpleName == capability }
        ?: Capability::class.java

/** What a model of this config can do: the name of a [Capability]. */
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
