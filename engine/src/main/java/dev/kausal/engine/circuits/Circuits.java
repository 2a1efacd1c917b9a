package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.graph.ComponentGraph;
import dev.kausal.engine.graph.Edge;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Virtual weights: heads as matrices on the residual stream, from the weights alone (Elhage et al. 2021, "A
 * Mathematical Framework for Transformer Circuits").
 *
 * <p>Weights are taken as the model has them; norm gains are included only after {@link
 * dev.kausal.engine.model.WeightProcessing} folded them. Biases are ignored. Arrays belong to the open NDScope.
 */
public final class Circuits {
    private final HookedModel model;
    private final ModelConfig config;

    /**
     * Creates the circuits of a model.
     *
     * @throws CircuitUndefinedException if its residual stream is not a sum that heads read and write
     */
    public Circuits(HookedModel model) {
        this.model = model;
        this.config = model.config();
        CircuitUndefinedException.requireSummedStream(config);
    }

    /** Returns the OV circuit W_V · W_O [d_model, d_model], with the W_V of the head's key-value head. */
    public FactoredMatrix ov(int layer, int head) {
        return new FactoredMatrix(value(layer, head), output(layer, head));
    }

    /**
     * Returns the QK circuit W_Q · W_Kᵀ [d_model, d_model]: scores from the inputs of query and key, before scale and
     * softmax.
     *
     * @throws CircuitUndefinedException if queries and keys are rotated, normed or capped in between
     */
    public FactoredMatrix qk(int layer, int head) {
        CircuitUndefinedException.requireBilinearScores(config, layer);
        return unrotatedQk(layer, head);
    }

    /**
     * Returns the QK circuit without rotation, norms and caps of queries and keys, like TransformerLens's {@code QK}.
     */
    public FactoredMatrix unrotatedQk(int layer, int head) {
        return new FactoredMatrix(query(layer, head), key(layer, head).transpose());
    }

    /**
     * Returns the circuit from an attended token to logits: W_E · W_V · W_O · W_U [vocabulary, vocabulary], without
     * biases.
     */
    public FactoredMatrix fullOv(int layer, int head) {
        CircuitUndefinedException.requireTokens(config);
        NDArray embed = model.weights().embed();
        FactoredMatrix ov = ov(layer, head);
        return new FactoredMatrix(
                embed.matMul(ov.left()), ov.right().matMul(model.weights().unembed()));
    }

    /**
     * Returns how far a head copies attended tokens: the sum of {@link #fullOv}'s eigenvalues divided by the sum of
     * their absolute values, from −1 to 1 (every token made more likely).
     */
    public double copyingScore(int layer, int head) {
        Torch.inference();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            double sum = 0;
            double sizes = 0;
            for (double[] value : fullOv(layer, head).eigenvalues()) {
                sum += value[0];
                sizes += Math.hypot(value[0], value[1]);
            }
            return sum / sizes;
        }
    }

    /**
     * Returns the composition scores of every head with every later one: ‖OV · M‖ / (‖OV‖ · ‖M‖), M being the later
     * head's QK, its transpose, or its OV.
     *
     * @return [layer][head][later layer][later head]; 0 if the layer is not later
     */
    public double[][][][] composition(Composition kind) {
        Torch.inference();
        double[][][][] scores = new double[config.layers()][config.heads()][config.layers()][config.heads()];
        for (int later = 1; later < config.layers(); later++) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                Heads readers = readers(kind, later);
                for (int layer = 0; layer < later; layer++) {
                    double[][] found = against(layer, readers);
                    for (int head = 0; head < found.length; head++) {
                        scores[layer][head][later] = found[head];
                    }
                }
            }
        }
        return scores;
    }

    /** An edge of the component graph with its composition score. */
    public record ScoredEdge(Edge edge, double score) {}

    /** Returns at most {@code count} edges between heads, by {@link #composition} score, highest first. */
    public List<ScoredEdge> strongest(Composition kind, int count) {
        double[][][][] scores = composition(kind);
        List<ScoredEdge> edges = new ArrayList<>();
        for (Edge edge : new ComponentGraph(config).edges()) {
            if (edge.at().kind() == kind.reader()
                    && edge.from() instanceof Component.Head from
                    && edge.to() instanceof Component.Head to) {
                edges.add(new ScoredEdge(edge, scores[from.layer()][from.head()][to.layer()][to.head()]));
            }
        }
        edges.sort(Comparator.comparingDouble(ScoredEdge::score).reversed());
        return edges.subList(0, Math.min(count, edges.size()));
    }

    /**
     * The factored matrices of a layer's heads, stacked, with the Gram matrices of their factors, from which norms are
     * cheap.
     *
     * @param left [head, d_model, inner]
     * @param right [head, inner, d_model]
     * @param leftGram left transposed times left [head, inner, inner]
     * @param rightGram right times right transposed [head, inner, inner]
     */
    private record Heads(NDArray left, NDArray right, NDArray leftGram, NDArray rightGram) {
        static Heads of(List<FactoredMatrix> matrices) {
            NDArray left = stack(matrices, FactoredMatrix::left);
            NDArray right = stack(matrices, FactoredMatrix::right);
            return new Heads(left, right, left.transpose(0, 2, 1).matMul(left), right.matMul(right.transpose(0, 2, 1)));
        }

        private static NDArray stack(List<FactoredMatrix> matrices, Function<FactoredMatrix, NDArray> side) {
            return NDArrays.stack(new NDList(matrices.stream().map(side).toList()));
        }

        /** Returns the squared Frobenius norms [head]. */
        NDArray squares() {
            return leftGram.mul(rightGram.transpose(0, 2, 1)).sum(new int[] {1, 2});
        }
    }

    private Heads readers(Composition kind, int layer) {
        return Heads.of(heads(head -> switch (kind) {
            case QUERY -> unrotatedQk(layer, head);
            case KEY -> unrotatedQk(layer, head).transpose();
            case VALUE -> ov(layer, head);
        }));
    }

    private List<FactoredMatrix> heads(IntFunction<FactoredMatrix> of) {
        return IntStream.range(0, config.heads()).mapToObj(of).toList();
    }

    /** Returns the scores of a layer's heads with later ones: [head][later head]. */
    private double[][] against(int layer, Heads readers) {
        long heads = config.heads();
        long width = config.dHead();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Heads writers = Heads.of(heads(head -> ov(layer, head)));
            NDArray written = writers.right().reshape(heads * width, config.dModel());
            NDArray read = readers.left().transpose(1, 0, 2).reshape(config.dModel(), heads * width);
            NDArray middle =
                    written.matMul(read).reshape(heads, width, heads, width).transpose(0, 2, 1, 3);
            NDArray squares = writers.leftGram()
                    .expandDims(1)
                    .matMul(middle)
                    .mul(middle.matMul(readers.rightGram().expandDims(0)))
                    .sum(new int[] {2, 3});
            NDArray sizes =
                    writers.squares().reshape(heads, 1).mul(readers.squares().reshape(1, heads));
            return rows(squares.toFloatArray(), sizes.toFloatArray());
        }
    }

    private double[][] rows(float[] squares, float[] sizes) {
        double[][] scores = new double[config.heads()][config.heads()];
        for (int i = 0; i < squares.length; i++) {
            double share = Math.max(0, squares[i]) / (double) sizes[i];
            scores[i / config.heads()][i % config.heads()] = Math.sqrt(share);
        }
        return scores;
    }

    private NDArray query(int layer, int head) {
        return columns(layer, (long) head * config.dHead());
    }

    private NDArray key(int layer, int head) {
        return columns(layer, (config.heads() + (long) head / config.groupSize()) * config.dHead());
    }

    private NDArray value(int layer, int head) {
        long shared = (long) head / config.groupSize();
        return columns(layer, (config.heads() + config.keyValueHeads() + shared) * config.dHead());
    }

    private NDArray columns(int layer, long from) {
        return part(layer, w -> w.qkv().columns(from, from + config.dHead()).float32());
    }

    private NDArray output(int layer, int head) {
        long from = (long) head * config.dHead();
        return part(layer, w -> Slices.of(w.output().float32(), 0, from, from + config.dHead()));
    }

    /** Returns a part of a layer's weights, freeing handles on the others. */
    private NDArray part(int layer, Function<LayerWeights, NDArray> of) {
        NDArray part;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            part = of.apply(model.weights().layers().get(layer));
            NDScope.unregister(part);
        }
        NDScope.register(part);
        return part;
    }
}
