package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * SentencePiece's BPE (Kudo and Richardson 2018), as in Llama 2, Mistral, Phi-3 and Gemma: no pre-tokenizer, a mark for
 * blanks, bytes for characters without a token, and scores that order merges.
 *
 * <p>If the file asks for a blank before the text, each part between special tokens gets one, as in llama.cpp.
 */
final class SentencePieceBpe {
    private static final String SCORES = "tokenizer.ggml.scores";
    private static final String PREFIX = "tokenizer.ggml.add_space_prefix";
    private static final String UNKNOWN = "tokenizer.ggml.unknown_token_id";
    private static final String BLANK = " ";
    private static final Set<GgufVocabulary.Type> ADDED =
            EnumSet.of(GgufVocabulary.Type.CONTROL, GgufVocabulary.Type.USER_DEFINED, GgufVocabulary.Type.UNKNOWN);

    private SentencePieceBpe() {}

    static JsonObject parts(GgufVocabulary vocabulary) {
        List<GgufVocabulary.Type> types = vocabulary.types();
        List<String> tokens = withBlanks(vocabulary.tokens(), types);
        boolean prefix = vocabulary.flag(PREFIX, true);
        JsonObject parts = new JsonObject();
        parts.add("added_tokens", GgufVocabulary.addedTokens(tokens, types, ADDED));
        parts.add("normalizer", normalizer(prefix));
        parts.add("decoder", decoder(prefix));
        parts.add("model", model(vocabulary, tokens, types));
        return parts;
    }

    /**
     * Restores blanks: user-defined tokens are matched in the raw text, where a blank is a blank, but some files mark
     * it.
     */
    private static List<String> withBlanks(List<String> tokens, List<GgufVocabulary.Type> types) {
        return IntStream.range(0, tokens.size())
                .mapToObj(id -> types.get(id) == GgufVocabulary.Type.USER_DEFINED
                        ? tokens.get(id).replace(JsonTokenizer.BLANK_MARK, BLANK)
                        : tokens.get(id))
                .toList();
    }

    private static JsonObject model(GgufVocabulary vocabulary, List<String> tokens, List<GgufVocabulary.Type> types) {
        String unknown = unknown(vocabulary, tokens, types);
        List<Number> scores = vocabulary.ofEachToken(SCORES, tokens.size());
        JsonObject model = PreTokenizers.typed("BPE");
        model.add("unk_token", unknown == null ? JsonNull.INSTANCE : new JsonPrimitive(unknown));
        model.addProperty("fuse_unk", true);
        model.addProperty("byte_fallback", true);
        model.addProperty("ignore_merges", false);
        model.add("vocab", GgufVocabulary.ids(tokens));
        model.add("merges", ScoredMerges.of(tokens, types, scores));
        return model;
    }

    /** Returns the token for characters without one; null if bytes cover all of them. */
    private static @Nullable String unknown(
            GgufVocabulary vocabulary, List<String> tokens, List<GgufVocabulary.Type> types) {
        int id = vocabulary.tokenId(UNKNOWN);
        id = id < 0 ? types.indexOf(GgufVocabulary.Type.UNKNOWN) : id;
        long bytes =
                types.stream().filter(type -> type == GgufVocabulary.Type.BYTE).count();
        if (id < 0 && bytes < 256) {
            String expected = "a token for unknown characters, or one for each of 256 bytes";
            throw new GgufTokenizerField(vocabulary.source(), GgufVocabulary.TYPES, expected, bytes + " bytes");
        }
        return id < 0 ? null : tokens.get(id);
    }

    private static JsonObject normalizer(boolean prefix) {
        JsonArray steps = new JsonArray();
        if (prefix) {
            JsonObject prepend = PreTokenizers.typed("Prepend");
            prepend.addProperty("prepend", JsonTokenizer.BLANK_MARK);
            steps.add(prepend);
        }
        steps.add(replace(BLANK, JsonTokenizer.BLANK_MARK));
        return sequence("normalizers", steps);
    }

    private static JsonObject decoder(boolean prefix) {
        JsonArray steps = new JsonArray();
        steps.add(replace(JsonTokenizer.BLANK_MARK, BLANK));
        steps.add(PreTokenizers.typed("ByteFallback"));
        steps.add(PreTokenizers.typed("Fuse"));
        if (prefix) {
            JsonObject strip = PreTokenizers.typed("Strip");
            strip.addProperty("content", BLANK);
            strip.addProperty("start", 1);
            strip.addProperty("stop", 0);
            steps.add(strip);
        }
        return sequence("decoders", steps);
    }

    private static JsonObject replace(String found, String by) {
        JsonObject pattern = new JsonObject();
        pattern.addProperty("String", found);
        JsonObject step = PreTokenizers.typed("Replace");
        step.add("pattern", pattern);
        step.addProperty("content", by);
        return step;
    }

    private static JsonObject sequence(String field, JsonElement steps) {
        JsonObject sequence = PreTokenizers.typed("Sequence");
        sequence.add(field, steps);
        return sequence;
    }
}
