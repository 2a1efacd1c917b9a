package dev.kausal.engine.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Folders of SAELens: {@code cfg.json} and {@code sae_weights.safetensors}, since version 6 with fields of the model in
 * {@code metadata}; before, all in one object with other names. Tensors have the orientation of {@link Role}, but {@code W_skip} [d_out,
 * d_in].
 */
final class SaeLens implements Layout {
    private static final String WEIGHTS = "sae_weights.safetensors";
    private static final String SUPPORTED = "standard, gated, jumprelu, topk, matryoshka, transcoder, skip_transcoder, "
            + "jumprelu_transcoder or jumprelu_skip_transcoder";

    private static final Map<String, Encoding> ENCODINGS = Map.of(
            "standard", Encoding.RELU,
            "gated", Encoding.GATED,
            "jumprelu", Encoding.JUMP_RELU,
            "topk", Encoding.TOP_K,
            "matryoshka", Encoding.RELU,
            "transcoder", Encoding.RELU,
            "skip_transcoder", Encoding.RELU,
            "jumprelu_transcoder", Encoding.JUMP_RELU,
            "jumprelu_skip_transcoder", Encoding.JUMP_RELU);

    @Override
    public boolean fits(Path path) {
        return path.endsWith(WEIGHTS) || Files.exists(path.resolve(WEIGHTS));
    }

    @Override
    public Draft read(Path path) {
        Path folder = path.endsWith(WEIGHTS) ? path.toAbsolutePath().resolveSibling("") : path;
        Settings top = Settings.json(folder.resolve("cfg.json"));
        Settings cfg = top.over(top.inner("metadata"));
        boolean old = !cfg.has("sae_lens_version");
        Path file = folder.resolve(WEIGHTS);
        return Draft.of("SAELens", file, WeightStores.open(file), draft -> {
            fill(draft, cfg, old);
        });
    }

    private static void fill(Draft draft, Settings cfg, boolean old) {
        String architecture = architecture(cfg);
        Encoding encoding = ENCODINGS.get(architecture);
        if (encoding == null) {
            throw new DictionarySettingException(cfg.file(), "architecture", SUPPORTED, architecture);
        }
        boolean transcoder = architecture.endsWith("transcoder");
        draft.encoding = encoding;
        draft.k = cfg.count("k").isPresent()
                ? cfg.count("k")
                : cfg.inner("activation_fn_kwargs").count("k");
        draft.inputs = cfg.count("d_in");
        draft.features = cfg.count("d_sae");
        draft.subtracts = cfg.flag("apply_b_dec_to_input", old && !transcoder);
        draft.rescales = cfg.flag("rescale_acts_by_decoder_norm", false);
        draft.scaling = scaling(cfg, draft);
        refuse(cfg, transcoder, draft);
        sites(cfg, transcoder, draft);
        tensors(draft, encoding, architecture);
    }

    private static String architecture(Settings cfg) {
        String function = cfg.text("activation_fn_str")
                .or(() -> cfg.text("activation_fn"))
                .orElse("relu");
        String stated = cfg.text("architecture").orElse("standard").toLowerCase(Locale.ROOT);
        if (stated.equals("standard") && function.equals("topk")) {
            return "topk";
        }
        if (!function.equals("relu") && !function.equals("topk")) {
            throw new DictionarySettingException(cfg.file(), "activation_fn", "relu or topk", function);
        }
        return stated;
    }

    private static Scaling scaling(Settings cfg, Draft draft) {
        Object value = cfg.raw("normalize_activations");
        String name = value instanceof Boolean flag
                ? (flag ? "expected_average_only_in" : "none")
                : value == null ? "none" : String.valueOf(value);
        return switch (name) {
            case "none" -> Scaling.NONE;
            case "expected_average_only_in" -> {
                draft.notes.add(
                        "The dictionary was trained on activations of a constant average norm. Its files do not "
                                + "tell the factor, so activations are read as they are, as in SAELens.");
                yield Scaling.NONE;
            }
            case "layer_norm" -> Scaling.LAYER_NORM;
            case "constant_norm_rescale" -> Scaling.CONSTANT_NORM;
            default ->
                throw new DictionarySettingException(
                        cfg.file(),
                        "normalize_activations",
                        "none, expected_average_only_in, layer_norm or constant_norm_rescale",
                        name);
        };
    }

    private static void refuse(Settings cfg, boolean transcoder, Draft draft) {
        for (String field : new String[] {"hook_head_index", "hook_point_head_index"}) {
            if (cfg.has(field)) {
                throw new DictionarySettingException(
                        cfg.file(), field, "none, a dictionary of all heads together", "" + cfg.raw(field));
            }
        }
        if (transcoder && draft.subtracts) {
            throw new DictionarySettingException(
                    cfg.file(),
                    "apply_b_dec_to_input",
                    "false for a transcoder, whose bias has the output's size",
                    "true");
        }
    }

    private static void sites(Settings cfg, boolean transcoder, Draft draft) {
        draft.site = cfg.text("hook_name").or(() -> cfg.text("hook_point"));
        if (transcoder) {
            Optional<String> named = cfg.text("hook_name_out");
            draft.writes = Optional.of(named.orElseGet(() -> mlpOut(draft.site)));
        }
    }

    /** Returns the output of the MLP of the layer that {@code site} belongs to. */
    private static String mlpOut(Optional<String> site) {
        return site.map(name -> name.replaceFirst("(blocks\\.\\d+\\.).*", "$1hook_mlp_out"))
                .orElse("hook_mlp_out");
    }

    private static void tensors(Draft draft, Encoding encoding, String architecture) {
        draft.put(Role.ENCODER, "W_enc");
        draft.put(Role.DECODER, "W_dec");
        draft.put(Role.DECODER_BIAS, "b_dec");
        switch (encoding) {
            case GATED -> {
                draft.put(Role.GATE_BIAS, "b_gate");
                draft.put(Role.MAGNITUDE_BIAS, "b_mag");
                draft.put(Role.MAGNITUDE_SCALE, "r_mag");
            }
            case JUMP_RELU -> {
                draft.put(Role.ENCODER_BIAS, "b_enc");
                draft.put(Role.THRESHOLD, "threshold");
            }
            default -> draft.put(Role.ENCODER_BIAS, "b_enc");
        }
        if (architecture.contains("skip")) {
            draft.put(Role.SKIP, "W_skip", true);
        }
        refuseScale(draft);
    }

    /** Refuses a scaling factor of features (SAELens before 4) other than 1, which nothing else of the folder describes. */
    private static void refuseScale(Draft draft) {
        if (!draft.has("scaling_factor")) {
            return;
        }
        try (NDManager manager = Torch.manager()) {
            NDArray scale = draft.store.read("scaling_factor", manager);
            if (scale.sub(1).abs().max().getFloat() > 1e-5f) {
                throw new DictionarySettingException(draft.file, "scaling_factor", "1 for all features", "others");
            }
        }
    }
}
