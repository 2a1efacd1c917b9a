package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.family.Architecture;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Unclosed;
import dev.kausal.engine.tokens.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model with its weights. All of its hook points always exist.
 *
 * <p>It owns its weights and frees them on {@link #close()}. Passes may run on several threads; each brings its own
 * {@link Hooks}. Weights are as in the checkpoint: no norm is folded, nothing is centred; a
 * layer scale is part of the projection before it.
 */
public final class HookedModel implements AutoCloseable {
    private final Architecture architecture;
    private final ModelConfig config;
    private final Weights weights;
    private final HookPoints points;
    private final @Nullable Tokenizer tokenizer;
    private final Unclosed.@Nullable Watch watch;

    HookedModel(Architecture architecture, ModelConfig config, Weights weights, @Nullable Tokenizer tokenizer) {
        this(architecture, config, weights, HookPoints.of(config), tokenizer, true);
    }

    private HookedModel(
            Architecture architecture,
            ModelConfig config,
            Weights weights,
            HookPoints points,
            @Nullable Tokenizer tokenizer,
            boolean watched) {
        this.architecture = architecture;
        this.config = config;
        this.weights = weights;
        this.points = points;
        this.tokenizer = tokenizer;
        this.watch = watched ? Unclosed.of(this, "A model") : null;
    }

    /**
     * Opens a folder in Hugging Face's layout or a GGUF file.
     *
     * @throws dev.kausal.engine.errors.KausalException where config, weights or tokenizer cannot be used
     */
    public static HookedModel open(Path path) {
        return open(path, Device.CPU);
    }

    /** Opens a model on a device; see {@link #open(Path)}. */
    public static HookedModel open(Path path, Device device) {
        Torch.inference();
        try (ModelSource source = ModelSource.open(path, device)) {
            return source.load();
        }
    }

    /** Where it runs. */
    public Device device() {
        return weights.device();
    }

    /** The architecture's table. */
    public Architecture architecture() {
        return architecture;
    }

    /** Sizes and choices. */
    public ModelConfig config() {
        return config;
    }

    /** The parameters, owned by this model. */
    public Weights weights() {
        return weights;
    }

    /**
     * This model over new handles of the same weights, which gradients are kept for. It shares this model's memory, has
     * no tokenizer, and is the caller's to close, before this one; each recorded pass needs a new one.
     *
     * @throws IllegalStateException where this thread is not {@link Recording}
     */
    public HookedModel leaves() {
        if (!Recording.on()) {
            throw new IllegalStateException("nothing is recorded on this thread; call it inside Recording.of");
        }
        return new HookedModel(architecture, config, weights.leaves(), points, null, false);
    }

    /** Every hook point, in the order of the pass. */
    public HookPoints points() {
        return points;
    }

    /** The model as passes run it; valid until the model is closed. */
    public Transformer transformer() {
        return new Transformer(config, weights, points);
    }

    /** The tokenizer, where the checkpoint has one. */
    public Optional<Tokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /**
     * Runs sequences without hooks.
     *
     * @param sequences token ids, each [position]; lengths may differ
     * @return logits [rows, vocabulary], the rows of all sequences one after another; owned by {@code manager}
     */
    public NDArray logits(List<int[]> sequences, NDManager manager) {
        return logits(sequences, new Hooks(points), manager);
    }

    /** Runs sequences with hooks; see {@link #logits(List, NDManager)}. */
    public NDArray logits(List<int[]> sequences, Hooks hooks, NDManager manager) {
        return outputs(sequences.stream().map(Input::tokens).toList(), hooks, manager);
    }

    /**
     * Runs sequences with hooks, unembedding each sequence's last position only.
     *
     * @return logits [sequence, vocabulary], owned by {@code manager}
     */
    public NDArray lastLogits(List<int[]> sequences, Hooks hooks, NDManager manager) {
        InputBatch batch =
                InputBatch.of(config, sequences.stream().map(Input::tokens).toList());
        return new ForwardPass(transformer(), hooks).run(batch, batch.lastRows(), manager);
    }

    /**
     * Runs inputs of any kind with hooks.
     *
     * @return logits [rows, vocabulary], the rows of all inputs one after another; of a classifier [input, classes]; of a
     *     model without a head its hidden states [rows, d_model]; owned by {@code manager}
     */
    public NDArray outputs(List<Input> inputs, Hooks hooks, NDManager manager) {
        InputBatch batch = InputBatch.of(config, inputs);
        return new ForwardPass(transformer(), hooks).run(batch, batch.allRows(), manager);
    }

    /**
     * Runs one input with hooks, unembedding one position only.
     *
     * @param position that is unembedded; of a classifier, not read
     * @return [1, outputs], owned by {@code manager}
     */
    public NDArray outputsAt(Input input, int position, Hooks hooks, NDManager manager) {
        return outputsAt(List.of(input), new int[] {position}, hooks, manager);
    }

    /**
     * Runs inputs with hooks, unembedding one position of each.
     *
     * @param positions that are unembedded, by input; of a classifier, not read
     * @return [input, outputs], owned by {@code manager}
     */
    public NDArray outputsAt(List<Input> inputs, int[] positions, Hooks hooks, NDManager manager) {
        InputBatch batch = InputBatch.of(config, inputs);
        return new ForwardPass(transformer(), hooks).run(batch, batch.rowsAt(positions), manager);
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        weights.close();
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
