package dev.kausal.engine.requests;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Next-token loss of one prompt as it is, with a dictionary's reconstruction in place of what it reconstructs, and with zeros there.
 *
 * @param site hook point that the dictionary reads
 * @param target hook point that it reconstructs; {@code site} for an autoencoder
 * @param skip first positions, which stay as they are
 */
public record SplicedLoss(Input input, String site, String target, Dictionary dictionary, int skip)
        implements Request<SplicedLoss.Found> {
    /**
     * Sums over predicted tokens of minus their log probabilities, in nats.
     *
     * @param tokens number of predicted tokens
     */
    public record Found(double clean, double spliced, double zeroed, int tokens) {}

    @Override
    public Found of(HookedModel model) {
        Torch.inference();
        Hooks spliced = new Hooks(model.points());
        Splice splice = new Splice();
        if (!site.equals(target)) {
            spliced.read(site, (x, point) -> splice.read = kept(x));
        }
        spliced.edit(target, (x, point) -> splice.of(x));
        Hooks zeroed = new Hooks(model.points());
        zeroed.edit(target, (x, point) -> {
            x.set(rest(), 0f);
            return x;
        });
        return new Found(
                loss(model, new Hooks(model.points())), loss(model, spliced), loss(model, zeroed), input.length() - 1);
    }

    private NDIndex rest() {
        return new NDIndex(":, " + skip + ":");
    }

    private static NDArray kept(NDArray x) {
        NDArray copy = x.duplicate();
        NDScope.unregister(copy);
        return copy;
    }

    private final class Splice {
        private @Nullable NDArray read;

        NDArray of(NDArray x) {
            NDArray from = read;
            NDArray rows = dictionary.rows(from == null ? x : from);
            NDArray output = dictionary.decode(dictionary.encode(rows), rows).reshape(x.getShape());
            x.set(rest(), output.get(rest()));
            if (from != null) {
                from.close();
                read = null;
            }
            return x;
        }
    }

    private double loss(HookedModel model, Hooks hooks) {
        try (NDManager manager = model.device().manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray logits = model.outputs(List.of(input), hooks, manager);
            float[] shares = logits.logSoftmax(-1).toFloatArray();
            int width = (int) logits.getShape().get(1);
            double sum = 0;
            for (int position = 0; position + 1 < input.length(); position++) {
                sum -= shares[position * width + input.ids()[position + 1]];
            }
            return sum;
        }
    }
}
