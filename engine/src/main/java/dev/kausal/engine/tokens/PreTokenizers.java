package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pre-tokenizers named in {@code tokenizer.ggml.pre}, as parts of a tokenizer.json. Names are llama.cpp's; unsupported
 * ones are refused. {@code pre-tokenizers.json} in the tests has llama.cpp's own ids for every name.
 */
final class PreTokenizers {
    private static final String WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String BLANKS = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String SIGNS_AND_BLANKS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + BLANKS;
    private static final String SIGNS_SLASHES_AND_BLANKS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + BLANKS;
    private static final String CAPITALS = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String SMALL = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String NO_WORD = "[^\\r\\n\\p{L}\\p{N}]?";
    private static final String BLOOM_WORDS = " ?[^(\\s|.,!?…。，、।۔،)]+";

    /** How text is split before merging. */
    enum Kind {
        /** GPT-2's rule. A file that names none, or "default", gets this one, as in transformers. */
        GPT2(false, false, true),
        /** Single digits, then GPT-2's rule. */
        SINGLE_DIGITS(false, false, true, "\\p{N}"),
        /** Groups of up to three digits; a word that is itself a token is never merged. */
        LLAMA3(false, true, false, WORDS + "\\p{N}{1,3}" + SIGNS_AND_BLANKS),
        /** Llama 3's rule, with every word merged. */
        LLAMA3_MERGED(false, false, false, WORDS + "\\p{N}{1,3}" + SIGNS_AND_BLANKS),
        /** Single digits in a rule like Llama 3's, after composing accents (NFC). */
        QWEN2(true, false, false, WORDS + "\\p{N}" + SIGNS_AND_BLANKS),
        /** Qwen 2's rule, without composing accents. */
        STABLELM2(false, false, false, WORDS + "\\p{N}" + SIGNS_AND_BLANKS),
        /** Qwen 2's rule, with line ends never joined to signs. */
        SEED_CODER(false, false, false, WORDS + "\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" + BLANKS),
        /** Mistral Nemo's rule: words also end before a capital; a word that is itself a token is never merged. */
        TEKKEN(false, true, false, cased("") + "|\\p{N}" + SIGNS_SLASHES_AND_BLANKS),
        /**
         * Mistral Nemo's rule with contractions at a word's end and groups of up to three digits; every word is merged.
         */
        GPT4O(false, false, false, cased("(?i:'s|'t|'re|'ve|'m|'ll|'d)?") + "|\\p{N}{1,3}" + SIGNS_SLASHES_AND_BLANKS),
        /** Line ends, words, punctuation, Chinese and Korean, then digits, in sequence. */
        DEEPSEEK_CODER(false, false, false, "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "\\p{N}"),
        /** BLOOM's rule. */
        BLOOM(false, false, false, BLOOM_WORDS),
        /** BLOOM's rule, then single digits. */
        VIKING(false, false, false, BLOOM_WORDS, "\\p{N}");

        private final boolean composesAccents;
        private final boolean keepsTokens;
        private final boolean thenGpt2;
        private final List<String> cuts;

        Kind(boolean composesAccents, boolean keepsTokens, boolean thenGpt2, String... cuts) {
            this.composesAccents = composesAccents;
            this.keepsTokens = keepsTokens;
            this.thenGpt2 = thenGpt2;
            this.cuts = List.of(cuts);
        }

        /** Returns whether a word that is a token stays whole, regardless of merges. */
        boolean ignoresMerges() {
            return keepsTokens;
        }

        JsonElement normalizer() {
            return composesAccents ? typed("NFC") : JsonNull.INSTANCE;
        }

        JsonObject preTokenizer() {
            JsonArray steps = new JsonArray();
            cuts.forEach(cut -> steps.add(split(cut)));
            steps.add(byteLevel(thenGpt2));
            JsonObject sequence = typed("Sequence");
            sequence.add("pretokenizers", steps);
            return sequence;
        }
    }

    private static final Map<String, Kind> KINDS = new TreeMap<>();

    static {
        names(
                Kind.GPT2,
                "default gpt-2 gpt2 phi-2 olmo jais trillion mpt gigachat a.x-4.0 mellum exaone4 granite-docling");
        names(Kind.SINGLE_DIGITS, "smollm starcoder refact command-r codeshell exaone minerva-7b");
        names(Kind.LLAMA3, "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 glm4");
        names(Kind.LLAMA3_MERGED, "smaug-bpe dbrx chatglm-bpe");
        names(Kind.QWEN2, "qwen2 deepseek-r1-qwen kormo megrez");
        names(Kind.STABLELM2, "stablelm2 hunyuan grok-2");
        names(Kind.SEED_CODER, "seed-coder");
        names(Kind.TEKKEN, "tekken");
        names(Kind.GPT4O, "gpt-4o llama4");
        names(Kind.DEEPSEEK_CODER, "deepseek-coder");
        names(Kind.BLOOM, "bloom poro-chat gpt3-finnish");
        names(Kind.VIKING, "viking");
    }

    private PreTokenizers() {}

    private static void names(Kind kind, String names) {
        for (String name : names.split(" ", -1)) {
            KINDS.put(name, kind);
        }
    }

    private static String cased(String ending) {
        return NO_WORD + CAPITALS + "*" + SMALL + "+" + ending + "|" + NO_WORD + CAPITALS + "+" + SMALL + "*" + ending;
    }

    /** Returns the kind of a name; null if it is unknown. */
    static @Nullable Kind kind(String name) {
        return KINDS.get(name);
    }

    static Collection<String> names() {
        return KINDS.keySet();
    }

    /** Returns whether some kind splits by {@code pattern}. */
    static boolean cuts(String pattern) {
        return Stream.of(Kind.values()).anyMatch(kind -> kind.cuts.contains(pattern));
    }

    /** Returns the byte-level step; spans keep their leading blank. */
    static JsonObject byteLevel(boolean useRegex) {
        JsonObject step = typed("ByteLevel");
        step.addProperty("add_prefix_space", false);
        step.addProperty("trim_offsets", false);
        step.addProperty("use_regex", useRegex);
        return step;
    }

    private static JsonObject split(String cut) {
        JsonObject pattern = new JsonObject();
        pattern.addProperty("Regex", cut);
        JsonObject step = typed("Split");
        step.add("pattern", pattern);
        step.addProperty("behavior", "Isolated");
        step.addProperty("invert", false);
        return step;
    }

    /** Returns a part of a tokenizer.json by its type. */
    static JsonObject typed(String type) {
        JsonObject object = new JsonObject();
        object.addProperty("type", type);
        return object;
    }
}
