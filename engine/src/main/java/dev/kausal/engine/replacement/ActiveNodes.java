package dev.kausal.engine.replacement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.features.ActiveFeatures;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import java.util.ArrayList;
import java.util.List;

/**
 * What writes to the stream in one prompt's local replacement model: active features, errors and tokens, with the vectors that they
 * write. Owns its arrays.
 */
final class ActiveNodes implements AutoCloseable {
    private final NDManager manager;
    private final List<ActiveFeatures> active = new ArrayList<>();
    /** By layer: activation times decoder vector [active feature, d_out]. */
    private final List<NDArray> written = new ArrayList<>();
    /** By layer: what the transcoder lacks [position, d_out]. */
    private final List<NDArray> errors = new ArrayList<>();

    private final NDArray tokens;
    private final float[] logits;
    private final int positions;

    private ActiveNodes(HookedModel model, Input input, int read, List<LayerTranscoder> transcoders, int skip) {
        manager = model.device().manager();
        positions = input.length();
        try (NDManager local = model.device().manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Hooks hooks = new Hooks(model.points());
            ActivationCache cache = hooks.capture(
                    point -> point.name().equals(EmbeddingPath.SITE)
                            || transcoders.stream()
                                    .anyMatch(one -> point.name().equals(one.site())
                                            || point.name().equals(one.target())),
                    local);
            logits = model.outputsAt(input, read, hooks, local).toFloatArray();
            tokens = kept(rows(cache.get(EmbeddingPath.SITE)).duplicate());
            for (LayerTranscoder transcoder : transcoders) {
                add(transcoder.dictionary(), cache.get(transcoder.site()), cache.get(transcoder.target()), skip);
            }
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Runs a prompt. */
    static ActiveNodes of(HookedModel model, Input input, int read, List<LayerTranscoder> transcoders, int skip) {
        return new ActiveNodes(model, input, read, transcoders, skip);
    }

    private void add(Dictionary dictionary, NDArray reads, NDArray writes, int skip) {
        NDArray x = dictionary.rows(reads);
        NDArray encoded = dictionary.encode(x);
        NDArray first = encoded.get(skip + ":");
        float[] values = first.toFloatArray();
        ActiveFeatures found =
                ActiveFeatures.of(values, values, dictionary.config().features(), skip);
        active.add(found);
        NDArray activations = manager.create(found.values()).expandDims(1);
        written.add(kept(dictionary.decoders(found.features()).mul(activations)));
        NDArray error = rows(writes).sub(dictionary.decode(encoded, x));
        error.get(":" + skip).muli(0);
        errors.add(kept(error));
    }

    private static NDArray rows(NDArray activation) {
        return activation.reshape(activation.getShape().get(1), -1);
    }

    private NDArray kept(NDArray array) {
        NDScope.unregister(array);
        array.attach(manager);
        return array;
    }

    int layers() {
        return active.size();
    }

    int positions() {
        return positions;
    }

    /** Returns the logits [token] of the position that is read. */
    float[] logits() {
        return logits;
    }

    ActiveFeatures features(int layer) {
        return active.get(layer);
    }

    /** Returns activation times decoder vector of a layer's active features, by position [feature, d_out]. */
    NDArray written(int layer) {
        return written.get(layer);
    }

    /** Returns what a layer's transcoder lacks [position, d_out]. */
    NDArray errors(int layer) {
        return errors.get(layer);
    }

    /** Returns the tokens' embeddings [position, d_embed]. */
    NDArray tokens() {
        return tokens;
    }

    @Override
    public void close() {
        manager.close();
    }
}
