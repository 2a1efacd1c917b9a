package dev.kausal.engine.hooks;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Which kinds of points a model has, in the order of its pass, and why it lacks the others. */
final class Presence {
    private final ModelConfig config;
    private final List<HookKind> order;

    Presence(ModelConfig config) {
        this.config = config;
        this.order =
                ordered(config).stream().filter(kind -> lack(kind).isEmpty()).toList();
    }

    List<HookKind> order() {
        return order;
    }

    /** Orders kinds, which are declared in the order of pre-norm blocks. */
    private static List<HookKind> ordered(ModelConfig config) {
        List<HookKind> kinds = new ArrayList<>(Arrays.asList(HookKind.values()));
        boolean classifies = config.head().task() == OutputHeadConfig.Task.CLASSES;
        if (classifies && config.head().norm() == OutputHeadConfig.NormAt.POOLED_ROW) {
            move(kinds, List.of(HookKind.FINAL_SCALE, HookKind.FINAL_NORMALIZED), HookKind.POOLER_OUT);
        }
        if (config.head().normedAgain() && config.head().transform().isPresent()) {
            move(kinds, List.of(HookKind.MLM_PRE, HookKind.MLM_POST), HookKind.FINAL_NORMALIZED);
        }
        if (config.block().order().normsSum()) {
            move(kinds, List.of(HookKind.LN1_SCALE, HookKind.LN1_NORMALIZED), HookKind.MLP_IN);
            move(kinds, List.of(HookKind.LN2_SCALE, HookKind.LN2_NORMALIZED), HookKind.RESID_POST);
        }
        return kinds;
    }

    private static void move(List<HookKind> kinds, List<HookKind> moved, HookKind after) {
        kinds.removeAll(moved);
        kinds.addAll(kinds.indexOf(after) + 1, moved);
    }

    /** Returns why the model lacks the point that a name or glob seems to mean; empty if unknown. */
    String whyNot(String name) {
        String last = name.replaceFirst("^blocks\\.[^.]*\\.", "");
        return Arrays.stream(HookKind.values())
                .filter(kind -> kind.name(0).replaceFirst("^blocks\\.0\\.", "").equals(last))
                .map(this::lack)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse("");
    }

    private Optional<String> lack(HookKind kind) {
        BlockConfig.Order block = config.block().order();
        return switch (kind) {
            case POS_EMBED ->
                unless(config.embedding().learnedPositions(), "it adds no position embeddings to the residual stream");
            case RESID_MID ->
                unless(
                        !block.parallel(),
                        "parallel blocks have no hook_resid_mid; attention and MLP both read hook_resid_pre");
            case LN1_SCALE, LN1_NORMALIZED, LN2_SCALE, LN2_NORMALIZED ->
                unless(
                        block.normsInput() || block.normsSum(),
                        "its blocks norm only the outputs of attention and MLP, at ln1_post and ln2_post");
            case LN1_POST_SCALE, LN1_POST_NORMALIZED, LN2_POST_SCALE, LN2_POST_NORMALIZED ->
                unless(block.normsOutput(), "its blocks do not norm the outputs of attention and MLP");
            case NORMALIZED_RESID_POST ->
                unless(block.normsSum(), "its blocks do not norm the residual stream itself; use hook_resid_post");
            case Q_NORM_SCALE, Q_NORM_NORMALIZED, Q_NORMED, K_NORM_SCALE, K_NORM_NORMALIZED, K_NORMED ->
                unless(
                        config.attention().headNorm() != AttentionConfig.HeadNorm.NONE,
                        "it does not norm queries and keys; use attn.hook_q and attn.hook_k");
            case ROT_Q, ROT_K -> unless(config.rotary(), "it has no rotary positions; use attn.hook_q and attn.hook_k");
            case PRE_LINEAR -> unless(config.block().gatedMlp(), "its MLP has one branch; use mlp.hook_pre");
            default -> lackAtTheEnds(kind);
        };
    }

    private Optional<String> lackAtTheEnds(HookKind kind) {
        OutputHeadConfig head = config.head();
        return switch (kind) {
            case TOKEN_TYPE_EMBED -> unless(config.embedding().tokenTypes() > 0, "it has no token types");
            case EMBED_LN_SCALE, EMBED_LN_NORMALIZED, FULL_EMBED ->
                unless(config.embedding().embedNorm(), "it does not norm embeddings; use blocks.0.hook_resid_pre");
            case MLM_PRE, MLM_POST -> unless(head.transform().isPresent(), "it has no masked-LM head");
            case FINAL_SCALE, FINAL_NORMALIZED ->
                unless(head.norm() != OutputHeadConfig.NormAt.NONE, "it has no final norm");
            case HEAD_LN_SCALE, HEAD_LN_NORMALIZED ->
                unless(head.normedAgain(), "its head has no norm after its dense layer; use ln_final");
            case POOLER_OUT -> unless(head.hasPoolerPoint(), "its head does not pool rows");
            case LOGITS ->
                unless(
                        head.hasVocabulary() || head.hasClasses(),
                        head.task() == OutputHeadConfig.Task.EMBEDDING
                                ? "its output is an embedding, not logits"
                                : "it has no head; its outputs are the last block's hidden states");
            default -> Optional.empty();
        };
    }

    private static Optional<String> unless(boolean present, String reason) {
        return present ? Optional.empty() : Optional.of(reason);
    }
}
