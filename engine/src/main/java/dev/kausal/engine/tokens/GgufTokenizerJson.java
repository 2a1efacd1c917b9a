package dev.kausal.engine.tokens;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes the tokenizer.json described by a GGUF file's key-values. */
final class GgufTokenizerJson {
    /** A kind of tokenizer: {@code parts} are its fields of a tokenizer.json. */
    private record Kind(String description, Function<GgufVocabulary, JsonObject> parts) {}

    private static final Map<String, Kind> KINDS = new TreeMap<>(Map.of(
            "gpt2", new Kind("byte-level BPE", ByteLevelBpe::parts),
            "llama", new Kind("SentencePiece BPE", SentencePieceBpe::parts),
            "bert", new Kind("WordPiece", WordPiece::parts)));

    private final GgufVocabulary vocabulary;

    GgufTokenizerJson(Map<String, Object> metadata, String source) {
        this.vocabulary = new GgufVocabulary(metadata, source);
    }

    JsonObject build() {
        String model = vocabulary.string(GgufVocabulary.MODEL, null);
        Kind kind = KINDS.get(model);
        if (kind == null) {
            throw new GgufTokenizerUnsupported(
                    vocabulary.source(),
                    GgufVocabulary.MODEL,
                    model,
                    KINDS.entrySet().stream()
                            .map(entry ->
                                    entry.getKey() + " (" + entry.getValue().description() + ")")
                            .collect(Collectors.toList()));
        }
        JsonObject root = new JsonObject();
        root.addProperty("version", "1.0");
        for (String none :
                new String[] {"truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
            root.add(none, JsonNull.INSTANCE);
        }
        kind.parts().apply(vocabulary).entrySet().forEach(part -> root.add(part.getKey(), part.getValue()));
        return root;
    }
}
