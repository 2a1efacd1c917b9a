package dev.kausal.engine.features;

import dev.kausal.engine.files.SmallFiles;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Per-layer transcoders of circuit-tracer: {@code layer_L.safetensors} beside {@code config.yaml}. {@code W_enc} and {@code W_dec} are both
 * [d_transcoder, d_model], {@code W_skip} is [d_out, d_in]; JumpReLU if there are thresholds, else ReLU.
 */
final class CircuitTracer implements Layout {
    static final Pattern FILE = Pattern.compile("layer_(\\d+)\\.safetensors");
    private static final String THRESHOLD = "activation_function.threshold";
    private static final Pattern FIELD = Pattern.compile("(?m)^([a-z_]+): *[\"']?([^\"'#\\n]*?)[\"']? *(?:#.*)?$");

    @Override
    public boolean fits(Path path) {
        return FILE.matcher(name(path)).matches();
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    @Override
    public Draft read(Path path) {
        Matcher matcher = FILE.matcher(name(path));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(path + " is no layer of a set of transcoders");
        }
        return Draft.of("circuit-tracer", path, WeightStores.open(path), draft -> {
            Map<String, String> fields = fields(path.toAbsolutePath().resolveSibling("config.yaml"));
            draft.encoding = draft.has(THRESHOLD) ? Encoding.JUMP_RELU : Encoding.RELU;
            draft.put(Role.ENCODER, "W_enc", true);
            draft.put(Role.DECODER, "W_dec");
            draft.put(Role.ENCODER_BIAS, "b_enc");
            draft.put(Role.DECODER_BIAS, "b_dec");
            draft.putIfThere(Role.THRESHOLD, THRESHOLD, false);
            draft.putIfThere(Role.SKIP, "W_skip", true);
            String block = "blocks." + matcher.group(1) + ".";
            String reads = fields.getOrDefault("feature_input_hook", "hook_resid_mid");
            draft.gained = reads.equals("mlp.hook_in");
            draft.site = Optional.of(block + (draft.gained ? "ln2.hook_normalized" : reads));
            draft.scan = Optional.ofNullable(fields.get("scan")).filter(scan -> !scan.isEmpty());
            draft.writes = Optional.of(block + fields.getOrDefault("feature_output_hook", "hook_mlp_out"));
        });
    }

    /** Returns the fields of the outermost level whose values are on one line. */
    private static Map<String, String> fields(Path file) {
        Map<String, String> fields = new HashMap<>();
        if (!Files.isRegularFile(file)) {
            return fields;
        }
        try {
            Matcher matcher = FIELD.matcher(SmallFiles.text(file, SmallFiles.CONFIG));
            while (matcher.find()) {
                fields.put(matcher.group(1), matcher.group(2).strip());
            }
        } catch (IOException e) {
            throw new DictionarySettingException(file, "settings", "a readable file", String.valueOf(e.getMessage()));
        }
        return fields;
    }
}
