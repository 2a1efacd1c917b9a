package dev.kausal.dsl

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

/** Predicts the next token; each position sees the earlier ones only. */
public interface CausalLm : Capability

/** Fills masked tokens in; each position sees all others. */
public interface MaskedLm : Capability

/** Sorts images into classes. */
public interface ImageClassifier : Capability

/** GPT-2 and models of the same shape. */
public interface Gpt2 : CausalLm

/** Llama and models of the same shape: rotary positions, gated feed-forward layers, grouped-query attention. */
public interface Llama : CausalLm

/** GPT-NeoX and Pythia. */
public interface GptNeoX : CausalLm

/** BERT encoders. */
public interface Bert : MaskedLm

/** DistilBERT encoders. */
public interface DistilBert : MaskedLm

/** Vision transformers. */
public interface Vit : ImageClassifier

/** One architecture: the engine's name of the family, the script's type argument, and what it can do. */
internal data class Architecture(
    val family: String,
    val type: Class<out Capability>,
    val kind: Class<out Capability>,
)

internal val architectures: List<Architecture> =
    listOf(
        Architecture("gpt2", Gpt2::class.java, CausalLm::class.java),
        Architecture("llama", Llama::class.java, CausalLm::class.java),
        Architecture("gpt_neox", GptNeoX::class.java, CausalLm::class.java),
        Architecture("bert", Bert::class.java, MaskedLm::class.java),
        Architecture("distilbert", DistilBert::class.java, MaskedLm::class.java),
        Architecture("vit", Vit::class.java, ImageClassifier::class.java),
    )

/** The capability of a known family, such as `CausalLm` of `llama`; the family's own name where it is not known. */
internal fun kindOf(family: String): String =
    architectures.firstOrNull { it.family == family }?.kind?.simpleName ?: family
