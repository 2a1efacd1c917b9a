package dev.kausal.engine;

import dev.kausal.engine.certify.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The tiny random models of bench/make_tiny_models.py; see bench/README.md. */
final class TinyModels {
    static final List<String> DECODERS = List.of(
            "llama",
            "llama-tied-bf16",
            "llama3-rope-scaling",
            "gpt2",
            "gpt-neox",
            "gpt-neox-sequential",
            "gptj",
            "gpt-neo",
            "opt",
            "mistral",
            "qwen2",
            "qwen3",
            "smollm3",
            "smollm3-fourth",
            "gemma",
            "gemma2",
            "gemma3",
            "olmo2",
            "olmo3",
            "phi",
            "phi3",
            "granite",
            "stablelm",
            "stablelm-parallel");

    /** Decoders that predict no tokens. */
    static final List<String> OTHER_DECODERS = List.of("llama-classes", "llama-base");

    /** LoRA adapters of other tiny models. */
    static final List<String> ADAPTERS = List.of("llama-lora", "gpt2-lora");

    static final List<String> ENCODERS = List.of(
            "bert-masked",
            "bert-classes",
            "bert-tokens",
            "bert-questions",
            "bert-next-sentence",
            "minilm",
            "roberta-masked",
            "roberta-classes",
            "distilbert-masked",
            "distilbert-classes",
            "electra-discriminator",
            "electra-generator",
            "modernbert-masked",
            "modernbert-mean",
            "deberta-v3",
            "deberta-v2",
            "deberta-v2-classes",
            "deberta-v2-tokens",
            "deberta-v2-questions",
            "deberta-v2-bare",
            "deberta",
            "deberta-classes");

    static final List<String> VISION = List.of(
            "vit",
            "vit-pooled",
            "deit",
            "dinov2",
            "dinov2-registers",
            "dinov3",
            "dinov3-gated",
            "beit",
            "beit-shared",
            "beit-absolute",
            "clip",
            "clip-projection",
            "siglip",
            "timm-vit",
            "timm-vit-qk-norm",
            "timm-vit-avg-registers",
            "timm-vit-gap",
            "timm-clip",
            "timm-siglip",
            "timm-deit-distilled");

    /** Those whose outputs no metric reads: without a head, or with an embedding. */
    static final List<String> HEADLESS = List.of(
            "llama-base",
            "minilm",
            "deberta-v2-bare",
            "dinov2-registers",
            "vit-pooled",
            "dinov3",
            "dinov3-gated",
            "beit-shared",
            "clip",
            "clip-projection",
            "siglip");

    private TinyModels() {}

    static Stream<String> all() {
        return Stream.of(DECODERS, OTHER_DECODERS, ENCODERS, VISION).flatMap(List::stream);
    }

    static Path folder(String name) {
        return Path.of("src/test/resources/tiny", name);
    }

    /** What the reference computes for it. */
    static Reference reference(String name) {
        return Reference.read(folder(name).resolve("dump.safetensors"));
    }
}
