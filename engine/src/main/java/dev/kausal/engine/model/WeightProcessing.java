package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.Weights;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Rewrites weights without changing the model's function, for analyses of weights: each step returns a new model, which
 * the caller closes, and leaves the given one unchanged. The engine never applies these steps by itself.
 *
 * <p>Conventions are TransformerLens's {@code fold_ln}, {@code center_writing_weights} and {@code center_unembed}. The
 * new model has no tokenizer.
 */
public final class WeightProcessing {
    private static final List<Parameter> EMBEDDINGS = List.of(
            Parameter.EMBED,
            Parameter.POSITION_EMBED,
            Parameter.TOKEN_TYPE_EMBED,
            Parameter.PATCH_EMBED,
            Parameter.PATCH_EMBED_BIAS,
            Parameter.CLASS_TOKEN,
            Parameter.DISTILLATION_TOKEN,
            Parameter.REGISTER_TOKENS);
    private static final List<Parameter> WRITING =
            List.of(Parameter.OUTPUT, Parameter.OUTPUT_BIAS, Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS);

    private final HookedModel model;
    private final ModelConfig config;
    private final NDManager manager;
    private final Map<Parameter, NDArray> ends = new EnumMap<>(Parameter.class);
    private final List<Map<Parameter, NDArray>> blocks = new ArrayList<>();

    private WeightProcessing(HookedModel model) {
        this.model = model;
        this.manager = model.device().manager();
        this.config = model.config();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(new EnumMap<>(Parameter.class));
        }
        model.weights().parameters().forEach((place, array) -> {
            Map<Parameter, NDArray> side = place.layer() < 0 ? ends : blocks.get(place.layer());
            side.put(place.parameter(), owned(array.duplicate()));
        });
        NDArray unembed = model.weights().find(Parameter.UNEMBED);
        if (unembed != null && !ends.containsKey(Parameter.UNEMBED)) {
            ends.put(Parameter.UNEMBED, owned(unembed.duplicate()));
        }
    }

    /** A processing step that the architecture does not allow. */
    public static final class Undefined extends KausalException {
        private static final long serialVersionUID = 1L;

        private Undefined(ModelConfig config, String step, String reason) {
            super(Blame.USER, step + " would change what this " + config.family() + " model computes: " + reason);
        }
    }

    /**
     * Folds the gain and bias of each norm into the weights that read its output, so that norms have gain 1 and bias 0.
     * Outputs stay the same; {@code hook_normalized} is then the input of those weights.
     *
     * @throws Undefined if something else reads a norm's output: the residual stream, or a pooler
     */
    public static HookedModel foldNorms(HookedModel model) {
        ModelConfig config = model.config();
        if (!config.block().order().normsInput()) {
            throw new Undefined(config, "Folding its norms", "their output goes into the residual stream itself.");
        }
        if (config.block().plainFirst()) {
            throw new Undefined(config, "Folding its norms", "its first block's attention reads the stream itself.");
        }
        boolean read = config.head().norm() == OutputHeadConfig.NormAt.NONE
                || (config.head().task() != OutputHeadConfig.Task.HIDDEN_STATES
                        && config.head().width(config.dModel()) == config.dModel()
                        && config.head().pool() != OutputHeadConfig.Pool.FIRST_TWO
                        && config.head().pool() != OutputHeadConfig.Pool.ATTENTION
                        && config.head().transform().isEmpty()
                        && config.head().pooler().isEmpty());
        if (!read) {
            throw new Undefined(config, "Folding its last norm", "the outputs are not one projection of it.");
        }
        return new WeightProcessing(model).folded();
    }

    /**
     * Subtracts the mean over d_model from everything that writes to the residual stream. LayerNorm subtracts it
     * anyway, so outputs stay the same, and the stream's mean is 0.
     *
     * @throws Undefined if norms do not subtract a mean, or do not precede everything that reads the stream
     */
    public static HookedModel centreWriting(HookedModel model) {
        ModelConfig config = model.config();
        BlockConfig block = config.block();
        boolean ends = config.head().norm() != OutputHeadConfig.NormAt.NONE
                && config.head().transform().isEmpty()
                && !config.embedding().embedNorm()
                && !block.plainFirst()
                && config.head().task() != OutputHeadConfig.Task.HIDDEN_STATES;
        if (block.norm() != BlockConfig.Norm.LAYER_NORM) {
            throw new Undefined(config, "Centring what is written", "RMSNorm keeps the mean.");
        }
        if (!block.order().normsInput() || block.order().normsOutput() || !ends) {
            throw new Undefined(config, "Centring what is written", "some readers of the stream have no norm first.");
        }
        return new WeightProcessing(model).centredWriting();
    }

    /**
     * Subtracts the mean over outputs from the unembedding and its bias. Logits of a row shift together; probabilities
     * and logit differences stay the same.
     *
     * @throws Undefined if there is no unembedding, or logits are capped afterwards
     */
    public static HookedModel centreUnembedding(HookedModel model) {
        ModelConfig config = model.config();
        boolean none = model.weights().find(Parameter.UNEMBED) == null;
        if (none || config.head().softCap() > 0) {
            throw new Undefined(
                    config, "Centring its unembedding", none ? "it has none." : "logits are capped afterwards.");
        }
        return new WeightProcessing(model).centredUnembedding();
    }

    private HookedModel folded() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            for (Map<Parameter, NDArray> block : blocks) {
                List<Parameter> mlp = block.containsKey(Parameter.GATE)
                        ? List.of(Parameter.GATE, Parameter.MLP_IN)
                        : List.of(Parameter.MLP_IN);
                fold(block, Parameter.LN1_GAIN, Parameter.LN1_BIAS, List.of(Parameter.QKV));
                fold(block, Parameter.LN2_GAIN, Parameter.LN2_BIAS, mlp);
            }
            if (config.head().norm() != OutputHeadConfig.NormAt.NONE) {
                fold(ends, Parameter.FINAL_GAIN, Parameter.FINAL_BIAS, List.of(Parameter.UNEMBED));
            }
        }
        return done();
    }

    private void fold(Map<Parameter, NDArray> side, Parameter gain, Parameter bias, List<Parameter> readers) {
        NDArray shift = side.get(bias);
        for (Parameter reader : readers) {
            NDArray weight = Present.in(side, reader);
            if (shift != null) {
                Parameter readerBias = Parameter.valueOf(reader + "_BIAS");
                NDArray moved = shift.reshape(1, -1).matMul(weight).squeeze(0);
                NDArray before = side.get(readerBias);
                put(side, readerBias, before == null ? moved : before.add(moved));
            }
            put(side, reader, weight.mul(Present.in(side, gain).reshape(-1, 1)));
        }
        put(side, gain, Present.in(side, gain).onesLike());
        if (shift != null) {
            put(side, bias, shift.zerosLike());
        }
    }

    private HookedModel centredWriting() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            EMBEDDINGS.forEach(parameter -> centre(ends, parameter));
            blocks.forEach(block -> WRITING.forEach(parameter -> centre(block, parameter)));
        }
        return done();
    }

    private HookedModel centredUnembedding() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            centre(ends, Parameter.UNEMBED);
            centre(ends, Parameter.UNEMBED_BIAS);
        }
        return done();
    }

    /** Subtracts the mean over the last axis. */
    private void centre(Map<Parameter, NDArray> side, Parameter parameter) {
        NDArray array = side.get(parameter);
        if (array != null) {
            put(side, parameter, array.sub(array.mean(new int[] {-1}, true)));
        }
    }

    private void put(Map<Parameter, NDArray> side, Parameter parameter, NDArray array) {
        NDArray before = side.put(parameter, owned(array));
        if (before != null) {
            before.close();
        }
    }

    private NDArray owned(NDArray array) {
        NDScope.unregister(array);
        array.attach(manager);
        return array;
    }

    private HookedModel done() {
        Weights weights = new Weights(model.device(), manager, ends, blocks, false);
        return new HookedModel(model.architecture(), config, weights, model.endTokens(), null);
    }
}
