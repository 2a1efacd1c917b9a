package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the names in {@code tokenizer.ggml.pre} stand for, as the parts of a tokenizer.json. Only names whose original
 * tokenizer.json is known to be the one given here.
 */
final class PreTokenizers {
    /** How text is cut before merging. */
    enum Kind {
        /** GPT-2's cut; a file that names none, or "default", is taken for this. */
        GPT2,
        /** Every digit alone, then GPT-2's cut. */
        SINGLE_DIGITS,
        /** Groups of up to three digits; a word that is itself a token is never merged. */
        LLAMA3,
        /** Llama 3's cut, every word merged. */
        LLAMA3_MERGED,
        /** Every digit alone, in a cut like Llama 3's, after composing accents (NFC). */
        QWEN2
    }

    private static final String CONTRACTIONS_AND_WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String SIGNS_AND_BLANKS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final Map<String, Kind> KINDS = new TreeMap<>(Map.ofEntries(
            Map.entry("default", Kind.GPT2),
            Map.entry("gpt-2", Kind.GPT2),
            Map.entry("gpt2", Kind.GPT2),
            Map.entry("phi-2", Kind.GPT2),
            Map.entry("olmo", Kind.GPT2),
            Map.entry("jais", Kind.GPT2),
            Map.entry("trillion", Kind.GPT2),
            Map.entry("smaug-bpe", Kind.LLAMA3_MERGED),
            Map.entry("dbrx", Kind.LLAMA3_MERGED),
            Map.entry("smollm", Kind.SINGLE_DIGITS),
            Map.entry("starcoder", Kind.SINGLE_DIGITS),
            Map.entry("llama3", Kind.LLAMA3),
            Map.entry("llama-v3", Kind.LLAMA3),
            Map.entry("llama-bpe", Kind.LLAMA3),
            Map.entry("qwen2", Kind.QWEN2),
            Map.entry("deepseek-r1-qwen", Kind.QWEN2)));

    private PreTokenizers() {}

    /** The kind of a name; null when unknown. */
    static Kind kind(String name) {
        return KINDS.get(name);
    }

    static Collection<String> names() {
        return KINDS.keySet();
    }

    static JsonElement normalizer(Kind kind) {
        if (kind != Kind.QWEN2) {
            return JsonNull.INSTANCE;
        }
        return typed("NFC");
    }

    static boolean ignoresMerges(Kind kind) {
        return kind == Kind.LLAMA3;
    }

    static JsonObject preTokenizer(Kind kind) {
        return switch (kind) {
            case GPT2 -> byteLevel(true);
            case SINGLE_DIGITS -> {
                JsonObject digits = typed("Digits");
                digits.addProperty("individual_digits", true);
                yield sequence(digits, byteLevel(true));
            }
            case LLAMA3, LLAMA3_MERGED -> sequence(split("\\p{N}{1,3}"), byteLevel(false));
            case QWEN2 -> sequence(split("\\p{N}"), byteLevel(false));
        };
    }

    /** The byte-level step; spans keep their leading blank. */
    static JsonObject byteLevel(boolean useRegex) {
        JsonObject step = typed("ByteLevel");
        step.addProperty("add_prefix_space", false);
        step.addProperty("trim_offsets", false);
        step.addProperty("use_regex", useRegex);
        return step;
    }

    private static JsonObject split(String digits) {
        JsonObject pattern = new JsonObject();
        pattern.addProperty("Regex", CONTRACTIONS_AND_WORDS + digits + SIGNS_AND_BLANKS);
        JsonObject step = typed("Split");
        step.add("pattern", pattern);
        step.addProperty("behavior", "Isolated");
        step.addProperty("invert", false);
        return step;
    }

    private static JsonObject sequence(JsonObject... steps) {
        JsonArray list = new JsonArray();
        for (JsonObject step : steps) {
            list.add(step);
        }
        JsonObject sequence = typed("Sequence");
        sequence.add("pretokenizers", list);
        return sequence;
    }

    /** A part of a tokenizer.json by its kind. */
    static JsonObject typed(String type) {
        JsonObject object = new JsonObject();
        object.addProperty("type", type);
        return object;
    }
}
