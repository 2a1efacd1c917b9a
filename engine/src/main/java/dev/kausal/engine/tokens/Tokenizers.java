package dev.kausal.engine.tokens;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import dev.kausal.engine.files.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Opens tokenizers.
 *
 * <p>Tokenizers opened here add no special tokens except when framing a text, and never truncate or pad, whatever their
 * file says. Text that spells a special token, such as {@code <|im_start|>}, becomes that token, as in the Hugging Face
 * library. Spans are Java {@code char} indices and include a token's leading blank; if one character is spread over
 * several byte-level tokens, each of them spans the whole character.
 */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * Opens the {@code tokenizer.json} of a model folder.
     *
     * @throws TokenizerFileMissing if there is none
     * @throws TokenizerDamaged if it cannot be read or used
     */
    public static Tokenizer open(Path folder) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new TokenizerFileMissing(folder.toAbsolutePath().toString());
        }
        String source = file.toAbsolutePath().toString();
        JsonObject description = parse(file, source);
        Framing framing = Framing.read(description.get("post_processor"), source);
        return JsonTokenizer.of(withoutExtras(description), framing, source);
    }

    /**
     * Rebuilds the tokenizer in a GGUF file's key-values: byte-level BPE, SentencePiece's BPE or WordPiece.
     *
     * @param metadata the key-values: String, Long, Double, Boolean, or a List of these
     * @param sourceFile the GGUF file, for messages
     * @throws GgufTokenizerUnsupported if the kind of tokenizer or its pre-tokenizer is unknown
     * @throws GgufTokenizerField if a key is absent or malformed
     */
    public static Tokenizer fromGguf(Map<String, Object> metadata, Path sourceFile) {
        String source = sourceFile.toAbsolutePath().toString();
        JsonObject description = new GgufTokenizerJson(metadata, source).build();
        Framing framing = Framing.read(description.get("post_processor"), source);
        return JsonTokenizer.of(withoutExtras(description), framing, source);
    }

    /**
     * Returns caveats about a GGUF file's tokenizer, as sentences: a byte-level BPE without a named pre-tokenizer gets
     * GPT-2's, which may differ from the one used in training.
     */
    public static List<String> ggufWarnings(Map<String, Object> metadata) {
        boolean named = !"default".equals(metadata.getOrDefault(ByteLevelBpe.PRE, "default"));
        if (named || !"gpt2".equals(metadata.get(GgufVocabulary.MODEL))) {
            return List.of();
        }
        return List.of("The GGUF file does not name its pre-tokenizer (" + ByteLevelBpe.PRE
                + " is missing or \"default\"), so GPT-2's is used. Numbers, punctuation and scripts other than Latin may"
                + " be split differently from training: compare a prompt's token ids with the original tokenizer's, or"
                + " convert the model again with a current llama.cpp.");
    }

    private static JsonObject parse(Path file, String source) {
        try {
            // JsonParser would blame the file if memory runs out.
            JsonElement root = new Gson().fromJson(SmallFiles.text(file, SmallFiles.TOKENIZER), JsonElement.class);
            if (root != null && root.isJsonObject()) {
                return root.getAsJsonObject();
            }
            throw new TokenizerDamaged(source, "no JSON object at the top", null);
        } catch (IOException | JsonParseException e) {
            throw new TokenizerDamaged(source, String.valueOf(e.getMessage()), e);
        }
    }

    // The post-processor adds special tokens, which Framing does on request, and shortens spans by blanks.
    private static JsonObject withoutExtras(JsonObject description) {
        for (String extra : new String[] {"post_processor", "truncation", "padding"}) {
            description.add(extra, JsonNull.INSTANCE);
        }
        return description;
    }
}
