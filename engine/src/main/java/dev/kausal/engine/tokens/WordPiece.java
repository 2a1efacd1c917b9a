package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * BERT's tokenizer: words, and the longest pieces of words. llama.cpp marks pieces that begin a word, BERT those that
 * do not.
 *
 * <p>The file does not say whether text is lower-cased: it is, unless the vocabulary has capitals.
 */
final class WordPiece {
    private static final String INSIDE = "##";
    private static final String UNKNOWN_TEXT = "[UNK]";
    private static final String FIRST = "[CLS]";
    private static final String LAST = "[SEP]";
    private static final String UNKNOWN = "tokenizer.ggml.unknown_token_id";
    private static final List<String> SPECIAL = List.of(
            UNKNOWN,
            "tokenizer.ggml.bos_token_id",
            "tokenizer.ggml.eos_token_id",
            "tokenizer.ggml.cls_token_id",
            "tokenizer.ggml.seperator_token_id", // [sic]: spelling of the format
            "tokenizer.ggml.padding_token_id",
            "tokenizer.ggml.mask_token_id");
    private static final Set<GgufVocabulary.Type> ADDED =
            EnumSet.of(GgufVocabulary.Type.CONTROL, GgufVocabulary.Type.USER_DEFINED, GgufVocabulary.Type.UNKNOWN);
    private static final int LONGEST_WORD = 100;

    private WordPiece() {}

    static JsonObject parts(GgufVocabulary vocabulary) {
        List<GgufVocabulary.Type> types = types(vocabulary);
        List<String> texts = texts(vocabulary.tokens(), types);
        JsonObject parts = new JsonObject();
        parts.add("added_tokens", GgufVocabulary.addedTokens(texts, types, ADDED));
        parts.add("normalizer", normalizer(!hasCapitals(texts, types)));
        parts.add("pre_tokenizer", PreTokenizers.typed("BertPreTokenizer"));
        parts.add("decoder", decoder());
        parts.add("model", model(texts, unknown(vocabulary, texts)));
        if (texts.contains(FIRST) && texts.contains(LAST)) {
            parts.add("post_processor", frame(texts));
        }
        return parts;
    }

    /** Returns the special tokens around a text. */
    private static JsonObject frame(List<String> texts) {
        JsonObject frame = PreTokenizers.typed("BertProcessing");
        frame.add("cls", named(FIRST, texts));
        frame.add("sep", named(LAST, texts));
        return frame;
    }

    private static JsonArray named(String text, List<String> texts) {
        JsonArray named = new JsonArray();
        named.add(text);
        named.add(texts.indexOf(text));
        return named;
    }

    /** Returns the tokens' types. Older files mark every token as normal, and identify special ones by their ids. */
    private static List<GgufVocabulary.Type> types(GgufVocabulary vocabulary) {
        List<GgufVocabulary.Type> types = new ArrayList<>(vocabulary.types());
        for (String key : SPECIAL) {
            int id = vocabulary.tokenId(key);
            if (id >= 0) {
                types.set(id, GgufVocabulary.Type.CONTROL);
            }
        }
        return types;
    }

    private static List<String> texts(List<String> tokens, List<GgufVocabulary.Type> types) {
        boolean marked = tokens.stream().anyMatch(token -> token.startsWith(JsonTokenizer.BLANK_MARK));
        List<String> texts = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            boolean whole = !marked || ADDED.contains(types.get(id)) || token.matches("\\[.+\\]");
            texts.add(whole ? token : piece(token));
        }
        return texts;
    }

    private static String piece(String token) {
        return token.startsWith(JsonTokenizer.BLANK_MARK)
                ? token.substring(JsonTokenizer.BLANK_MARK.length())
                : INSIDE + token;
    }

    private static boolean hasCapitals(List<String> texts, List<GgufVocabulary.Type> types) {
        for (int id = 0; id < texts.size(); id++) {
            boolean bracketed = texts.get(id).startsWith("[");
            if (!bracketed
                    && !ADDED.contains(types.get(id))
                    && texts.get(id).chars().anyMatch(Character::isUpperCase)) {
                return true;
            }
        }
        return false;
    }

    private static String unknown(GgufVocabulary vocabulary, List<String> texts) {
        int id = vocabulary.tokenId(UNKNOWN);
        if (id < 0 && !texts.contains(UNKNOWN_TEXT)) {
            throw new GgufTokenizerField(
                    vocabulary.source(), GgufVocabulary.TOKENS, "a token " + UNKNOWN_TEXT, "none of that name");
        }
        return id < 0 ? UNKNOWN_TEXT : texts.get(id);
    }

    private static JsonObject normalizer(boolean smallLetters) {
        JsonObject normalizer = PreTokenizers.typed("BertNormalizer");
        normalizer.addProperty("clean_text", true);
        normalizer.addProperty("handle_chinese_chars", true);
        normalizer.add("strip_accents", JsonNull.INSTANCE); // null: same as lowercase
        normalizer.addProperty("lowercase", smallLetters);
        return normalizer;
    }

    private static JsonObject decoder() {
        JsonObject decoder = PreTokenizers.typed("WordPiece");
        decoder.addProperty("prefix", INSIDE);
        decoder.addProperty("cleanup", true);
        return decoder;
    }

    private static JsonObject model(List<String> texts, String unknown) {
        JsonObject model = PreTokenizers.typed("WordPiece");
        model.addProperty("unk_token", unknown);
        model.addProperty("continuing_subword_prefix", INSIDE);
        model.addProperty("max_input_chars_per_word", LONGEST_WORD);
        model.add("vocab", GgufVocabulary.ids(texts));
        return model;
    }
}
