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
 * A model with its weights and hook points.
 *
 * <p>It owns its weights and frees them on {@link #close()}. Passes may run on several threads, each with its own
 * {@link Hooks}. Weights are as in the checkpoint, without folded norms or centring; a layer scale is merged into the
 * projection before it.
 */
public final class HookedModel implements AutoCloseable {
    private final Architecture architecture;
    private final ModelConfig config;
    private final Weights weights;
    private final HookPoints points;
    private final List<Integer> endTokens;
    private final @Nullable Tokenizer tokenizer;
    private final Unclosed.@Nullable Watch watch;

    HookedModel(
            Architecture architecture,
            ModelConfig config,
            Weights weights,
            List<Integer> endTokens,
            @Nullable Tokenizer tokenizer) {
        this(architecture, config, weights, HookPoints.of(config), endTokens, tokenizer, true);
    }

    private HookedModel(
            Architecture architecture,
            ModelConfig config,
            Weights weights,
            HookPoints points,
            List<Integer> endTokens,
            @Nullable Tokenizer tokenizer,
            boolean watched) {
        this.architecture = architecture;
        this.config = config;
        this.weights = weights;
        this.points = points;
        this.endTokens = endTokens;
        this.tokenizer = tokenizer;
        this.watch = watched ? Unclosed.of(this, "A model") : null;
    }

    /**
     * Opens a folder in Hugging Face's layout or a GGUF file.
     *
     * @throws dev.kausal.engine.errors.KausalException if config, weights or tokenizer cannot be used
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

    /** Returns the device that it runs on. */
    public Device device() {
        return weights.device();
    }

    /** Returns the architecture's table. */
    public Architecture architecture() {
        return architecture;
    }

    /** Returns sizes and architecture choices. */
    public ModelConfig config() {
        return config;
    }

    /** Returns the parameters, owned by this model. */
    public Weights weights() {
        return weights;
    }

    /**
     * Returns this model over new handles of the same weights, which gradients are kept for. It shares this model's
     * memory, has no tokenizer, and must be closed by the caller before this one; each recorded pass needs a new one.
     *
     * @throws IllegalStateException if this thread is not {@link Recording}
     */
    public HookedModel leaves() {
        if (!Recording.on()) {
            throw new IllegalStateException("nothing is recorded on this thread; call this inside Recording.of");
        }
        return new HookedModel(architecture, config, weights.leaves(), points, endTokens, null, false);
    }

    /**
     * Returns this model with keys and values of its own for each query head, which computes the same. It shares this
     * model's memory except for those, has no tokenizer, and must be closed by the caller before this one.
     */
    public HookedModel ungrouped() {
        ModelConfig own = config.ungrouped();
        return new HookedModel(
                architecture, own, weights.ungrouped(config), HookPoints.of(own), endTokens, null, false);
    }

    /**
     * Returns a model of the same architecture with random weights; see {@link Weights#random}. It has its own memory, no
     * tokenizer, and must be closed by the caller before this one.
     */
    public HookedModel withRandomWeights(long seed) {
        Torch.inference();
        return new HookedModel(architecture, config, weights.random(seed), points, endTokens, null, false);
    }

    /** Returns every hook point, in the order of the pass. */
    public HookPoints points() {
        return points;
    }

    /** Returns the model as the forward pass needs it; valid until the model is closed. */
    public Transformer transformer() {
        return new Transformer(config, weights, points);
    }

    /** Returns the tokens after which its texts end, as its files state them; may be empty. */
    public List<Integer> endTokens() {
        return endTokens;
    }

    /** Returns the tokenizer, if the checkpoint has one. */
    public Optional<Tokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /**
     * Runs sequences without hooks.
     *
     * @param sequences token ids, each [position]; lengths may differ
     * @return logits [rows, vocabulary], all sequences one after another; owned by {@code manager}
     */
    public NDArray logits(List<int[]> sequences, NDManager manager) {
        return logits(sequences, new Hooks(points), manager);
    }

    /** Runs sequences with hooks; see {@link #logits(List, NDManager)}. */
    public NDArray logits(List<int[]> sequences, Hooks hooks, NDManager manager) {
        return outputs(sequences.stream().map(Input::tokens).toList(), hooks, manager);
    }

    /**
     * Runs sequences with hooks, unembedding only each sequence's last position.
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
     * @return logits [rows, vocabulary], all inputs one after another; for a classifier [input, classes]; without a
     *     head, hidden states [rows, d_model]; owned by {@code manager}
     */
    public NDArray outputs(List<Input> inputs, Hooks hooks, NDManager manager) {
        InputBatch batch = InputBatch.of(config, inputs);
        return new ForwardPass(transformer(), hooks).run(batch, batch.allRows(), manager);
    }

    /**
     * Runs one input with hooks, unembedding only one position.
     *
     * @param position position to unembed; ignored for a classifier
     * @return [1, outputs], owned by {@code manager}
     */
    public NDArray outputsAt(Input input, int position, Hooks hooks, NDManager manager) {
        return outputsAt(List.of(input), new int[] {position}, hooks, manager);
    }

    /**
     * Runs inputs with hooks, unembedding only one position of each.
     *
     * @param positions positions to unembed, by input; ignored for a classifier
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
