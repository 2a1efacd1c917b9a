package dev.kausal.engine.features;

import dev.kausal.engine.weights.WeightStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gemma Scope 2: {@code params.safetensors} and {@code config.json}, which names the library's modules. Lower-case names;
 * {@code affine_skip_connection} is [d_in, d_out].
 */
final class GemmaScope2 implements Layout {
    private static final String WEIGHTS = "params.safetensors";
    private static final Pattern MODULE = Pattern.compile("model\\.layers\\.(\\d+)\\.(.+)");

    @Override
    public boolean fits(Path path) {
        return path.endsWith(WEIGHTS) || Files.exists(path.resolve(WEIGHTS));
    }

    @Override
    public Draft read(Path path) {
        Path folder = path.endsWith(WEIGHTS) ? path.toAbsolutePath().resolveSibling("") : path;
        Settings config = Settings.json(folder.resolve("config.json"));
        Path file = folder.resolve(WEIGHTS);
        return Draft.of("Gemma Scope 2", file, WeightStores.open(file), draft -> {
            String architecture = config.text("architecture").orElse("none");
            if (!architecture.equals("jump_relu")) {
                throw new DictionarySettingException(config.file(), "architecture", "jump_relu", architecture);
            }
            draft.encoding = Encoding.JUMP_RELU;
            draft.put(Role.ENCODER, "w_enc");
            draft.put(Role.DECODER, "w_dec");
            draft.put(Role.ENCODER_BIAS, "b_enc");
            draft.put(Role.DECODER_BIAS, "b_dec");
            draft.put(Role.THRESHOLD, "threshold");
            if (config.flag("affine_connection", false)) {
                draft.put(Role.SKIP, "affine_skip_connection");
            }
            config.text("hf_hook_point_in").ifPresent(module -> site(module, config, draft));
        });
    }

    private static void site(String module, Settings config, Draft draft) {
        Matcher matcher = MODULE.matcher(module);
        if (!matcher.matches()) {
            throw new DictionarySettingException(config.file(), "hf_hook_point_in", "model.layers.N...", module);
        }
        String block = "blocks." + matcher.group(1) + ".";
        switch (matcher.group(2)) {
            case "output" -> draft.site = Optional.of(block + "hook_resid_post");
            case "self_attn.o_proj.input" -> draft.site = Optional.of(block + "attn.hook_z");
            case "post_feedforward_layernorm.output" -> draft.site = Optional.of(block + "hook_mlp_out");
            case "pre_feedforward_layernorm.output" -> {
                draft.site = Optional.of(block + "ln2.hook_normalized");
                draft.gained = true;
                draft.writes = Optional.of(block + "hook_mlp_out");
            }
            default ->
                throw new DictionarySettingException(
                        config.file(),
                        "hf_hook_point_in",
                        "a layer's output, o_proj.input, or its norm before or after the MLP",
                        module);
        }
    }
}
