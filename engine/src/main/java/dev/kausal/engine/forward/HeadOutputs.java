package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** What heads put out, from their weighted values. Arrays belong to the open NDScope. */
public final class HeadOutputs {
    private final Transformer model;

    /** Creates the outputs of a model's heads. */
    public HeadOutputs(Transformer model) {
        this.model = model;
    }

    /**
     * Returns each head's own output to the residual stream, without bias and before any norm.
     *
     * @param z weighted values, or changes of them [input, position, head, d_head]
     * @return [input, position, head, d_model]
     */
    public NDArray of(int layer, NDArray z) {
        Shape shape = z.getShape();
        NDArray rows = z.reshape(shape.get(0) * shape.get(1), shape.get(2), shape.get(3));
        return Attention.perHead(
                        model.config(),
                        rows,
                        model.weights().layers().get(layer).output().float32())
                .reshape(shape.get(0), shape.get(1), shape.get(2), -1);
    }
}
