package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.EnumSet;
import java.util.List;

/** GPT-2's tokenizer: BPE over bytes, with the pre-tokenizer named in {@code tokenizer.ggml.pre}. */
final class ByteLevelBpe {
    static final String PRE = "tokenizer.ggml.pre";
    private static final String MERGES = "tokenizer.ggml.merges";

    private ByteLevelBpe() {}

    static JsonObject parts(GgufVocabulary vocabulary) {
        String pre = vocabulary.string(PRE, "default");
        PreTokenizers.Kind kind = PreTokenizers.kind(pre);
        if (kind == null) {
            throw new GgufTokenizerUnsupported(vocabulary.source(), PRE, pre, PreTokenizers.names());
        }
        List<String> tokens = vocabulary.tokens();
        EnumSet<GgufVocabulary.Type> added = EnumSet.of(GgufVocabulary.Type.CONTROL, GgufVocabulary.Type.USER_DEFINED);
        JsonObject parts = new JsonObject();
        parts.add("added_tokens", GgufVocabulary.addedTokens(tokens, vocabulary.types(), added));
        parts.add("normalizer", kind.normalizer());
        parts.add("pre_tokenizer", kind.preTokenizer());
        parts.add("decoder", PreTokenizers.byteLevel(true));
        parts.add("model", model(vocabulary, tokens, kind.ignoresMerges()));
        return parts;
    }

    private static JsonObject model(GgufVocabulary vocabulary, List<String> tokens, boolean ignoreMerges) {
        JsonArray merges = new JsonArray();
        vocabulary.listOrEmpty(MERGES, String.class, "a list of strings").forEach(merges::add);
        JsonObject model = PreTokenizers.typed("BPE");
        model.addProperty("fuse_unk", false);
        model.addProperty("byte_fallback", false);
        model.addProperty("ignore_merges", ignoreMerges);
        model.add("vocab", GgufVocabulary.ids(tokens));
        model.add("merges", merges);
        return model;
    }
}
