package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.PATCHES;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.optional;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plain vision transformers in timm's naming, whose config gives a name for sizes and what differs from it. */
final class TimmVit {
    static final Family FAMILY = new Family("timm_vit", Map.of("timm", TimmVit::json), Map.of(), TimmVit::tables);

    private static final Pattern NAME =
            Pattern.compile("(?:vit|deit)_(tiny|small|base|large)(_distilled)?_patch(\\d+)_(\\d+)");
    private static final Map<String, int[]> WIDTH_DEPTH_HEADS = Map.of(
            "tiny", new int[] {192, 12, 3},
            "small", new int[] {384, 12, 6},
            "base", new int[] {768, 12, 12},
            "large", new int[] {1024, 24, 16});
    private static final Set<String> ARGUMENTS = new TreeSet<>(List.of(
            "class_token",
            "depth",
            "embed_dim",
            "fc_norm",
            "global_pool",
            "img_size",
            "in_chans",
            "init_values",
            "mlp_ratio",
            "no_embed_class",
            "num_classes",
            "num_heads",
            "patch_size",
            "qk_norm",
            "qkv_bias",
            "reg_tokens"));

    private TimmVit() {}

    private static ModelConfig json(ConfigFields f) {
        String name = f.text("architecture").orElse("");
        Matcher sizes = NAME.matcher(name);
        if (!sizes.matches()) {
            throw new UnsupportedModelException(
                    f.where(), "architecture", name, "vit_SIZE_patchN_N and deit_SIZE[_distilled]_patchN_N");
        }
        ConfigFields args = f.nested("model_args");
        args.onlyNamed(ARGUMENTS);
        int[] size = WIDTH_DEPTH_HEADS.get(sizes.group(1));
        int dModel = args.count("embed_dim", size[0]);
        int heads = args.count("num_heads", size[2]);
        int layers = args.count("depth", size[1]);
        int dHead = f.headWidth(dModel, heads);
        boolean distilled = sizes.group(2) != null;
        ImageShape image = image(args, distilled, Integer.parseInt(sizes.group(3)), Integer.parseInt(sizes.group(4)));
        AttentionShape attention = AttentionShape.full(layers, dHead)
                .withHeadNorm(
                        args.flag("qk_norm", false) ? AttentionShape.HeadNorm.EACH_HEAD : AttentionShape.HeadNorm.NONE);
        return new ModelConfig(
                "timm_vit",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                (int) (dModel * args.positive("mlp_ratio", 4)),
                0,
                image.prefix().size() + image.patches(),
                1e-6,
                Activation.GELU,
                false,
                VitLike.BLOCK,
                attention,
                EndShape.ofImage(image, head(f, args, distilled)));
    }

    private static ImageShape image(ConfigFields args, boolean distilled, int namedPatch, int namedSize) {
        List<String> prefix = new ArrayList<>();
        if (args.flag("class_token", true)) {
            prefix.add(ImageShape.CLS);
        }
        if (distilled) {
            prefix.add(ImageShape.DIST);
        }
        prefix.addAll(Collections.nCopies(args.whole("reg_tokens", 0), ImageShape.REGISTER));
        int positioned = args.flag("no_embed_class", false) ? 0 : prefix.size();
        int[] size = args.pair("img_size", namedSize);
        int[] patch = args.pair("patch_size", namedPatch);
        return new ImageShape(
                args.count("in_chans", 3), size[0], size[1], patch[0], patch[1], prefix, positioned, true);
    }

    private static HeadShape head(ConfigFields f, ConfigFields args, boolean distilled) {
        int classes = args.has("num_classes") ? args.whole("num_classes", 0) : f.whole("num_classes", 1000);
        if (classes == 0) {
            return HeadShape.hiddenStates(HeadShape.NormAt.EVERY_ROW, Optional.empty());
        }
        f.only("global_pool", "token, avg", "token", "avg");
        boolean mean = args.text("global_pool")
                .or(() -> f.text("global_pool"))
                .orElse("token")
                .equals("avg");
        if (!mean) {
            return HeadShape.imageClasses(distilled ? HeadShape.Pool.FIRST_TWO : HeadShape.Pool.FIRST, classes);
        }
        return HeadShape.patchMeanClasses(
                args.flag("fc_norm", true) ? HeadShape.NormAt.POOLED_ROW : HeadShape.NormAt.EVERY_ROW, classes);
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        List<WeightRule> rules = new ArrayList<>(blocks("blocks.{l}."));
        ImageShape image = config.ends().image().orElseThrow();
        rules.add(required("patch_embed.proj.weight", Parameter.PATCH_EMBED, PATCHES));
        rules.add(required("patch_embed.proj.bias", Parameter.PATCH_EMBED_BIAS, NONE));
        rules.add(required("pos_embed", Parameter.POSITION_EMBED, FIRST_OF_BATCH));
        if (image.prefix().contains(ImageShape.CLS)) {
            rules.add(required("cls_token", Parameter.CLASS_TOKEN, FIRST_OF_BATCH));
        }
        if (image.prefix().contains(ImageShape.DIST)) {
            rules.add(required("dist_token", Parameter.DISTILLATION_TOKEN, FIRST_OF_BATCH));
        }
        if (image.registers() > 0) {
            rules.add(required("reg_token", Parameter.REGISTER_TOKENS, FIRST_OF_BATCH));
        }
        if (config.attention().headNorm() != AttentionShape.HeadNorm.NONE) {
            rules.addAll(headNorms("blocks.{l}.attn."));
        }
        rules.addAll(ends(config.head()));
        return List.of(new Architecture.Table("timm", rules, List.of()));
    }

    private static List<WeightRule> ends(HeadShape head) {
        String norm = head.norm() == HeadShape.NormAt.POOLED_ROW ? "fc_norm" : "norm";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(norm + ".weight", Parameter.FINAL_GAIN, NONE),
                required(norm + ".bias", Parameter.FINAL_BIAS, NONE)));
        if (head.task() == HeadShape.Task.CLASSES) {
            rules.addAll(VitLike.classifier("head", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
        }
        if (head.pool() == HeadShape.Pool.FIRST_TWO) {
            rules.addAll(VitLike.classifier("head_dist", Parameter.SECOND_UNEMBED, Parameter.SECOND_UNEMBED_BIAS));
        }
        return rules;
    }

    private static List<WeightRule> headNorms(String attn) {
        return List.of(
                required(attn + "q_norm.weight", Parameter.QUERY_NORM_GAIN, NONE),
                required(attn + "q_norm.bias", Parameter.QUERY_NORM_BIAS, NONE),
                required(attn + "k_norm.weight", Parameter.KEY_NORM_GAIN, NONE),
                required(attn + "k_norm.bias", Parameter.KEY_NORM_BIAS, NONE));
    }

    private static List<WeightRule> blocks(String l) {
        List<WeightRule> rules = new ArrayList<>(VitLike.norms(l, "norm1", "norm2"));
        rules.addAll(List.of(
                required(l + "attn.qkv.weight", Parameter.QKV, TRANSPOSE),
                optional(l + "attn.qkv.bias", Parameter.QKV_BIAS, NONE),
                required(l + "attn.proj.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "attn.proj.bias", Parameter.OUTPUT_BIAS, NONE),
                optional(l + "ls1.gamma", Parameter.ATTENTION_SCALE, NONE),
                optional(l + "ls2.gamma", Parameter.MLP_SCALE, NONE),
                required(l + "mlp.fc1.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "mlp.fc1.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "mlp.fc2.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "mlp.fc2.bias", Parameter.MLP_OUT_BIAS, NONE)));
        return rules;
    }
}
