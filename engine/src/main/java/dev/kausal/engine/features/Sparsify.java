package dev.kausal.engine.features;

import dev.kausal.engine.weights.WeightStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Folders of EleutherAI's sparsify: {@code sae.safetensors} and {@code cfg.json}, named after the module that they read: {@code layers.5},
 * {@code layers.5.mlp}. {@code encoder.weight} and {@code W_dec} are both [d_sae, d_in]. TopK of ReLU; the decoder's bias is subtracted
 * unless it is a transcoder.
 */
final class Sparsify implements Layout {
    private static final String WEIGHTS = "sae.safetensors";
    private static final Pattern MODULE = Pattern.compile("(?:.*\\.)?(?:layers|h)[._](\\d+)(?:\\.(\\w+))?");

    @Override
    public boolean fits(Path path) {
        return path.endsWith(WEIGHTS) || Files.exists(path.resolve(WEIGHTS));
    }

    @Override
    public Draft read(Path path) {
        Path folder = (path.endsWith(WEIGHTS) ? path.toAbsolutePath().resolveSibling("") : path).toAbsolutePath();
        Settings cfg = Settings.json(folder.resolve("cfg.json"));
        Path file = folder.resolve(WEIGHTS);
        return Draft.of("sparsify", file, WeightStores.open(file), draft -> {
            String activation = cfg.text("activation").orElse("topk");
            if (!activation.equals("topk") || cfg.flag("signed", false)) {
                String found = activation.equals("topk") ? "signed topk" : activation;
                throw new DictionarySettingException(cfg.file(), "activation", "topk", found);
            }
            boolean transcode = cfg.flag("transcode", false);
            draft.encoding = Encoding.TOP_K;
            draft.k = cfg.count("k");
            draft.subtracts = !transcode;
            draft.inputs = cfg.count("d_in");
            draft.put(Role.ENCODER, "encoder.weight", true);
            draft.put(Role.ENCODER_BIAS, "encoder.bias");
            draft.put(Role.DECODER, "W_dec");
            draft.put(Role.DECODER_BIAS, "b_dec");
            if (cfg.flag("skip_connection", false)) {
                draft.put(Role.SKIP, "W_skip", true);
            }
            sites(String.valueOf(folder.normalize().getFileName()), transcode, draft);
        });
    }

    private static void sites(String module, boolean transcode, Draft draft) {
        Matcher matcher = MODULE.matcher(module);
        if (!matcher.matches()) {
            if (module.contains("embed")) {
                draft.site = Optional.of("hook_embed");
            }
            return;
        }
        String block = "blocks." + matcher.group(1) + ".";
        String part = matcher.group(2) == null ? "" : matcher.group(2);
        if (transcode) {
            draft.site = Optional.of(block + "ln2.hook_normalized");
            draft.gained = true;
            draft.writes = Optional.of(block + "hook_mlp_out");
        } else if (part.isEmpty()) {
            draft.site = Optional.of(block + "hook_resid_post");
        } else if (part.equals("mlp")) {
            draft.site = Optional.of(block + "hook_mlp_out");
        } else if (part.equals("attn") || part.equals("self_attn") || part.equals("attention")) {
            draft.site = Optional.of(block + "hook_attn_out");
        }
    }
}
