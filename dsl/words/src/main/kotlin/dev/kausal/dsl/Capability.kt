package dev.kausal.dsl

/** Prevents an inner block of a script from calling an outer block's words by accident. */
@DslMarker
@Target(AnnotationTarget.CLASS)
public annotation class KausalDsl

/**
 * What a model can do, or its architecture: the type argument of `model<M>(ref)`.
 *
 * These types serve only the compiler and are never implemented. They restrict what compiles: attribution of next
 * tokens needs prompts of a [CausalLm], so it does not compile for a [MaskedLm].
 */
public interface Capability

/** Outputs logits of tokens or classes, which metrics need. */
public interface Predicts : Capability

/** Reads texts, with or without a head: encoders, and decoders whose head predicts no tokens. */
public interface TextEncoder : Capability

/** Reads images, with or without a head. */
public interface ImageModel : Capability

/** Predicts the next token; each position sees only earlier ones. */
public interface CausalLm : Predicts

/** Predicts masked tokens; each position sees all others. */
public interface MaskedLm :
    TextEncoder,
    Predicts

/** Classifies images. */
public interface ImageClassifier :
    ImageModel,
    Predicts

/** Classifies texts. */
public interface TextClassifier :
    TextEncoder,
    Predicts

/** Classifies each token of a text; answers refer to the marked word's first token. */
public interface TokenClassifier :
    TextEncoder,
    Predicts

/** Reads texts and has no head: its outputs are hidden states. */
public interface Encoder : TextEncoder

/** Reads images and has no head: its outputs are hidden states. */
public interface ImageEncoder : ImageModel

/** GPT-2 and models of the same architecture. */
public interface Gpt2 : CausalLm

/** Llama and models of the same architecture: rotary positions, gated MLPs, grouped-query attention. */
public interface Llama : CausalLm

/** GPT-NeoX and Pythia. */
public interface GptNeoX : CausalLm

/** GPT-J. */
public interface GptJ : CausalLm

/** GPT-Neo, including the TinyStories models. */
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

/** Vision transformers: ViT, DeiT and timm's models. */
public interface Vit : ImageClassifier

/** DINOv2 with a classifier. */
public interface Dinov2 : ImageClassifier

/** BEiT with a classifier. */
public interface Beit : ImageClassifier

/** DINOv3, which has no head. */
public interface Dinov3 : ImageEncoder

/** The image tower of CLIP, which outputs embeddings. */
public interface Clip : ImageEncoder

/** The image tower of SigLIP, which outputs embeddings. */
public interface Siglip : ImageEncoder
