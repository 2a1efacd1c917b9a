package dev.kausal.engine.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.gradients.WeightGradients;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.SafetensorsWriter.Tensor;
import dev.kausal.engine.weights.WeightStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Kingma and Ba 2014; Loshchilov and Hutter 2017), with DJL's own update. It changes
 * a model's weights in place and owns their two moments; matrices decay, biases and gains do not.
 */
public final class Adam implements AutoCloseable {
    private static final float BETA_1 = 0.9f;
    private static final float BETA_2 = 0.98f;
    private static final float EPSILON = 1e-8f;
    private static final float NO_CLIPPING = -1;

    private record Moments(NDArray first, NDArray second) {}

    private final Weights weights;
    private final float decay;
    private final NDManager manager;
    private final Map<Weights.Place, Moments> moments = new LinkedHashMap<>();
    private int steps;

    /**
     * Creates an optimiser before its first step.
     *
     * @param decay weight decay of matrices, per step and unit of learning rate
     */
    public Adam(Weights weights, double decay) {
        this.weights = weights;
        this.manager = weights.device().manager();
        this.decay = (float) decay;
        weights.parameters().forEach((place, array) -> {
            Shape shape = array.getShape();
            moments.put(place, new Moments(manager.zeros(shape), manager.zeros(shape)));
        });
    }

    /**
     * Makes one step down the gradients, clipped to a total norm of {@code longest}.
     *
     * @param longest largest norm of all gradients together
     */
    public void step(WeightGradients gradients, double learningRate, double longest) {
        Torch.inference();
        steps++;
        double corrected = learningRate * Math.sqrt(1 - Math.pow(BETA_2, steps)) / (1 - Math.pow(BETA_1, steps));
        float rescale = (float) Math.min(1, longest / norm(gradients));
        weights.parameters().forEach((place, array) -> {
            Moments held = Present.in(moments, place);
            JniUtils.adamUpdate(
                    (PtNDArray) array,
                    (PtNDArray) Present.in(gradients.all(), place),
                    (PtNDArray) held.first(),
                    (PtNDArray) held.second(),
                    (float) learningRate,
                    (float) corrected,
                    array.getShape().dimension() > 1 ? decay : 0,
                    rescale,
                    NO_CLIPPING,
                    BETA_1,
                    BETA_2,
                    EPSILON,
                    true);
        });
    }

    /** Returns the norm of all gradients as one vector. */
    private static double norm(WeightGradients gradients) {
        double squares = 0;
        for (NDArray gradient : gradients.all().values()) {
            try (NDArray square = gradient.square();
                    NDArray sum = square.sum()) {
                squares += sum.getFloat();
            }
        }
        return Math.sqrt(squares);
    }

    /** Returns the number of steps made. */
    public int steps() {
        return steps;
    }

    /** Returns both moments of every parameter, for a checkpoint. */
    public List<Tensor> state() {
        List<Tensor> tensors = new ArrayList<>();
        moments.forEach((place, held) -> {
            tensors.add(tensor(place + ".first", held.first()));
            tensors.add(tensor(place + ".second", held.second()));
        });
        return tensors;
    }

    private static Tensor tensor(String name, NDArray array) {
        return new Tensor(name, array.getShape().getShape(), array.toFloatArray());
    }

    /** Restores a checkpoint's state. */
    public void restore(WeightStore state, int steps) {
        moments.forEach((place, held) -> {
            read(state, place + ".first", held.first());
            read(state, place + ".second", held.second());
        });
        this.steps = steps;
    }

    private void read(WeightStore state, String name, NDArray into) {
        try (NDArray stored = state.read(name, manager)) {
            stored.copyTo(into);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
