package dev.kausal.engine.features;

import dev.kausal.engine.weights.WeightStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gemma Scope (Lieberum et al. 2024): {@code params.npz} in {@code layer_L/width_W/average_l0_N} of a repository whose name ends in
 * {@code -res}, {@code -mlp}, {@code -att} or {@code -transcoders}. JumpReLU; the decoder's bias is not subtracted.
 */
final class GemmaScope implements Layout {
    static final Pattern LAYER = Pattern.compile("layer_(\\d+)");
    private static final String WEIGHTS = "params.npz";
    private static final Pattern REPOSITORY =
            Pattern.compile("gemma-scope-[\\w.]+-(?:pt|it)-(res|mlp|att|transcoders)");

    @Override
    public boolean fits(Path path) {
        return path.toString().endsWith(".npz") || Files.exists(path.resolve(WEIGHTS));
    }

    @Override
    public Draft read(Path path) {
        Path file = path.toString().endsWith(".npz") ? path : path.resolve(WEIGHTS);
        return Draft.of("Gemma Scope", file, WeightStores.npz(file), draft -> {
            draft.encoding = Encoding.JUMP_RELU;
            draft.put(Role.ENCODER, named(draft, "W_enc"));
            draft.put(Role.DECODER, named(draft, "W_dec"));
            draft.put(Role.ENCODER_BIAS, "b_enc");
            draft.put(Role.DECODER_BIAS, "b_dec");
            draft.put(Role.THRESHOLD, "threshold");
            sites(file.toAbsolutePath().toString().replace('\\', '/'), draft);
        });
    }

    private static String named(Draft draft, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return draft.has(lower) ? lower : name;
    }

    /** Takes the hook points from the path: its layer, and the repository's kind if the Hub's cache holds it. */
    private static void sites(String path, Draft draft) {
        Matcher repository = REPOSITORY.matcher(path);
        Optional<String> layer = layer(path);
        String kind = repository.find() ? repository.group(1) : "";
        if (kind.equals("res") && path.contains("/embedding/")) {
            throw new DictionarySettingException(
                    draft.file, "site", "activations after the embedding", "Gemma Scope's dictionary of embeddings");
        }
        draft.site = layer.flatMap(number -> switch (kind) {
            case "res" -> Optional.of("blocks." + number + ".hook_resid_post");
            case "mlp" -> Optional.of("blocks." + number + ".hook_mlp_out");
            case "att" -> Optional.of("blocks." + number + ".attn.hook_z");
            case "transcoders" -> Optional.of("blocks." + number + ".ln2.hook_normalized");
            default -> Optional.empty();
        });
        if (kind.equals("transcoders")) {
            draft.gained = true;
            draft.writes = layer.map(number -> "blocks." + number + ".hook_mlp_out");
        }
    }

    static Optional<String> layer(String path) {
        Matcher matcher = LAYER.matcher(path);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
