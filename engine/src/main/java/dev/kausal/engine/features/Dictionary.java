package dev.kausal.engine.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sparse dictionary in memory: features as directions of activations, with an encoder that finds them. Owns its arrays until it is
 * closed. Results belong to the open scope.
 */
public final class Dictionary implements AutoCloseable {
    private static final float EPSILON = 1e-5f;

    private final DictionaryConfig config;
    private final Path path;
    private final NDManager manager;
    private final Map<Role, NDArray> arrays;

    Dictionary(DictionaryConfig config, Path path, NDManager manager, Map<Role, NDArray> arrays) {
        this.config = config;
        this.path = path;
        this.manager = manager;
        this.arrays = new EnumMap<>(arrays);
    }

    /** Returns sizes and choices. */
    public DictionaryConfig config() {
        return config;
    }

    /** Moves the lengths of the decoder's rows into the encoder, so that pre-activations are in units of the output. */
    void rescale() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray decoder = get(Role.DECODER);
            NDArray norms = decoder.square().sum(new int[] {1}).sqrt();
            replace(Role.ENCODER, get(Role.ENCODER).mul(norms));
            replace(Role.ENCODER_BIAS, get(Role.ENCODER_BIAS).mul(norms));
            replace(Role.DECODER, decoder.div(norms.expandDims(1)));
        }
    }

    /**
     * Lets the encoder read a norm's output before its gain and bias: these go into the encoder. Only for a dictionary that
     * {@link DictionaryConfig#gained}.
     *
     * @param gain [d_in]
     * @param bias [d_in]; null for none
     */
    public void foldGain(NDArray gain, @Nullable NDArray bias) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray encoder = get(Role.ENCODER);
            if (bias != null) {
                replace(
                        Role.ENCODER_BIAS,
                        get(Role.ENCODER_BIAS)
                                .add(bias.expandDims(0).matMul(encoder).squeeze(0)));
            }
            replace(Role.ENCODER, encoder.mul(gain.expandDims(1)));
            if (arrays.containsKey(Role.SKIP)) {
                NDArray skip = get(Role.SKIP);
                if (bias != null) {
                    NDArray through = bias.expandDims(0).matMul(skip).squeeze(0);
                    replace(Role.DECODER_BIAS, get(Role.DECODER_BIAS).add(through));
                }
                replace(Role.SKIP, skip.mul(gain.expandDims(1)));
            }
        }
    }

    private void replace(Role role, NDArray value) {
        NDScope.unregister(value);
        value.attach(manager);
        NDArray before = arrays.put(role, value);
        if (before != null) {
            before.close();
        }
    }

    private NDArray get(Role role) {
        return Present.of(arrays.get(role), "tensor " + role + " of the dictionary " + path);
    }

    /**
     * Returns activations as rows: heads one after another.
     *
     * @param activation [1, position, ...]
     * @return [position, d_in]
     * @throws DictionaryShapeException if a position has other than d_in numbers
     */
    public NDArray rows(NDArray activation) {
        Shape shape = activation.getShape();
        long positions = shape.get(1);
        if (positions * config.inputs() != activation.size()) {
            throw new DictionaryShapeException(
                    path,
                    "its input",
                    "" + activation.size() / positions + " numbers per position",
                    "" + config.inputs());
        }
        return activation.reshape(positions, config.inputs());
    }

    /**
     * Returns the features' activations.
     *
     * @param x [row, d_in]
     * @return [row, d_sae]
     */
    public NDArray encode(NDArray x) {
        NDArray in = scaled(x);
        return active(in, get(Role.ENCODER), null);
    }

    /**
     * Returns the activations of some features.
     *
     * @param x [row, d_in]
     * @return [row, feature] in the order of {@code features}
     */
    public NDArray encode(NDArray x, List<Integer> features) {
        NDArray chosen =
                x.getManager().create(features.stream().mapToLong(i -> i).toArray());
        if (config.encoding() == Encoding.TOP_K) {
            return encode(x).get(new NDIndex(":, {}", chosen));
        }
        return active(scaled(x), get(Role.ENCODER).get(new NDIndex(":, {}", chosen)), chosen);
    }

    private NDArray part(Role role, @Nullable NDArray chosen) {
        NDArray all = get(role);
        return chosen == null ? all : all.get(new NDIndex("{}", chosen));
    }

    /** Returns x as the encoder reads it. */
    private NDArray scaled(NDArray x) {
        NDArray in = switch (config.scaling()) {
            case NONE -> x;
            case LAYER_NORM -> {
                NDArray centred = centred(x);
                yield centred.div(deviation(centred).add(EPSILON));
            }
            case CONSTANT_NORM -> x.div(unit(x));
        };
        return config.subtracts() ? in.sub(get(Role.DECODER_BIAS)) : in;
    }

    private static NDArray centred(NDArray x) {
        return x.sub(x.mean(new int[] {-1}, true));
    }

    /** Returns the standard deviation of centred rows, with Bessel's correction. */
    private static NDArray deviation(NDArray centred) {
        long count = centred.getShape().get(1) - 1;
        NDArray sum = centred.square().sum(new int[] {-1}, true);
        return sum.mul(Recording.scalar(sum, 1f / count)).sqrt();
    }

    /** Returns the factor from a row of norm sqrt(d_in) to {@code x}. */
    private NDArray unit(NDArray x) {
        NDArray sum = x.square().sum(new int[] {-1}, true);
        return sum.mul(Recording.scalar(sum, 1f / config.inputs())).sqrt();
    }

    private NDArray active(NDArray in, NDArray encoder, @Nullable NDArray chosen) {
        NDArray projected = in.matMul(encoder);
        return switch (config.encoding()) {
            case RELU -> NDArrays.maximum(projected.add(part(Role.ENCODER_BIAS, chosen)), 0);
            case JUMP_RELU -> {
                NDArray pre = projected.add(part(Role.ENCODER_BIAS, chosen));
                NDArray open = pre.gt(part(Role.THRESHOLD, chosen));
                yield NDArrays.where(open, NDArrays.maximum(pre, 0), pre.zerosLike());
            }
            case GATED -> {
                NDArray open = projected.add(part(Role.GATE_BIAS, chosen)).gt(0);
                NDArray size =
                        projected.mul(part(Role.MAGNITUDE_SCALE, chosen).exp()).add(part(Role.MAGNITUDE_BIAS, chosen));
                yield NDArrays.where(open, NDArrays.maximum(size, 0), size.zerosLike());
            }
            case TOP_K -> topK(projected.add(part(Role.ENCODER_BIAS, chosen)));
        };
    }

    private NDArray topK(NDArray pre) {
        NDList best = pre.topK(config.k(), 1, true, true);
        NDArray kept = pre.zerosLike().scatter(best.get(1), best.get(0).onesLike(), 1);
        return NDArrays.maximum(pre, 0).mul(kept);
    }

    /**
     * Returns the reconstruction.
     *
     * @param features [row, d_sae]
     * @param x the rows that were encoded [row, d_in], whose scale and skip connection the output has
     * @return [row, d_out]
     */
    public NDArray decode(NDArray features, NDArray x) {
        NDArray out = features.matMul(get(Role.DECODER)).add(get(Role.DECODER_BIAS));
        if (config.transcodes()) {
            return arrays.containsKey(Role.SKIP) ? out.add(x.matMul(get(Role.SKIP))) : out;
        }
        return switch (config.scaling()) {
            case NONE -> out;
            case LAYER_NORM -> out.mul(scale(x)).add(x.mean(new int[] {-1}, true));
            case CONSTANT_NORM -> out.mul(scale(x));
        };
    }

    /**
     * Returns what an activation of 1 of {@code feature} adds to the output at each row.
     *
     * @param x [row, d_in]
     * @return [row, d_out], or [1, d_out] if it is the same for all rows
     */
    public NDArray direction(int feature, NDArray x) {
        NDArray row = get(Role.DECODER).get(new NDIndex("{}:{}", feature, feature + 1));
        boolean same = config.transcodes() || config.scaling() == Scaling.NONE;
        return same ? row : scale(x).mul(row);
    }

    /** Returns the factor from the encoder's units to the output's: [row, 1]. */
    private NDArray scale(NDArray x) {
        return switch (config.scaling()) {
            case NONE -> x.getManager().ones(new Shape(x.getShape().get(0), 1));
            case LAYER_NORM -> deviation(centred(x));
            case CONSTANT_NORM -> unit(x);
        };
    }

    /**
     * Returns a gradient at the output as one at the features, everything else constant.
     *
     * @param gradient [row, d_out]
     * @param x [row, d_in]
     * @return [row, d_sae]
     */
    public NDArray gradient(NDArray gradient, NDArray x) {
        boolean same = config.transcodes() || config.scaling() == Scaling.NONE;
        NDArray at = same ? gradient : gradient.mul(scale(x));
        return at.matMul(get(Role.DECODER).transpose());
    }

    /**
     * Returns what features read: the gradients of their pre-activations, if no row is rescaled.
     *
     * @param features numbers of features
     * @return [feature, d_in]
     */
    public NDArray encoders(int[] features) {
        NDArray encoder = get(Role.ENCODER);
        NDArray numbers = encoder.getManager().create(features);
        NDArray rows = Slices.gather(encoder.transpose(), numbers);
        return config.encoding() == Encoding.GATED
                ? rows.mul(get(Role.MAGNITUDE_SCALE).take(numbers).exp().expandDims(1))
                : rows;
    }

    /**
     * Returns what an activation of 1 of each of some features adds to the output, if no row is rescaled.
     *
     * @return [feature, d_out]
     */
    public NDArray decoders(int[] features) {
        NDArray decoder = get(Role.DECODER);
        return Slices.gather(decoder, decoder.getManager().create(features));
    }

    /**
     * Returns what the skip connection adds to the output: [row, d_in] to [row, d_out]; null if there is none.
     */
    public @Nullable NDArray skip(NDArray x) {
        return arrays.containsKey(Role.SKIP) ? x.matMul(get(Role.SKIP)) : null;
    }

    @Override
    public void close() {
        manager.close();
    }
}
