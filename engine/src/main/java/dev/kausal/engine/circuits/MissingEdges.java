package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.forward.OutputNorm;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Hooks that put the corrupted run's outputs on the edges that circuits lack, one circuit per input of a batch.
 *
 * <p>Readers come after their writers, so the differences of a pass are collected as it proceeds.
 */
final class MissingEdges {
    private final EdgeGraph graph;
    private final WriterOutputs corrupted;
    private final List<BitSet> circuits;
    private final NDManager owner;
    private final OutputNorm norm;

    /** Corrupted minus own outputs [circuit, writer, position * d_model], filled as the pass proceeds. */
    private final NDArray differences;

    /** What enters the output norm of each layer [circuit, 1, position, d_model]; empty without such a norm. */
    private final List<NDArray> normed = new ArrayList<>();

    MissingEdges(HookedModel model, EdgeGraph graph, WriterOutputs corrupted, List<BitSet> circuits, NDManager owner) {
        this.graph = graph;
        this.corrupted = corrupted;
        this.circuits = circuits;
        this.owner = owner;
        this.norm = new OutputNorm(model.transformer());
        long width = corrupted.embed().size();
        this.differences =
                owner.zeros(new Shape(circuits.size(), graph.writers().size(), width));
    }

    void addTo(Hooks hooks) {
        hooks.read(WriterOutputs::shows, this::written);
        for (Reader.Kind kind : Reader.Kind.values()) {
            hooks.replace(point -> kind.at(point, graph.layers() - 1), (x, point) -> x.add(changes(kind, point, x)));
        }
    }

    private void written(NDArray now, HookPoint point) {
        int layer = point.layer();
        if (point.kind() == HookKind.RESID_PRE) {
            put(0, corrupted.embed().sub(now).expandDims(1));
        } else if (point.kind() == HookKind.MLP_OUT) {
            put(
                    graph.firstHead(layer) + graph.heads(),
                    corrupted.mlp(layer).sub(now).expandDims(1));
        } else {
            put(graph.firstHead(layer), corrupted.heads(layer).sub(now).transpose(0, 2, 1, 3));
            if (norm.present()) {
                NDArray input = norm.input(layer, now).expandDims(1);
                NDScope.unregister(input);
                input.attach(owner);
                normed.add(input);
            }
        }
    }

    /** Stores differences [circuit, writer, position, d_model] from number {@code first} on. */
    private void put(int first, NDArray of) {
        long count = of.getShape().get(1);
        Slices.of(differences, 1, first, first + count)
                .addi(of.reshape(of.getShape().get(0), count, -1));
    }

    /** Returns what the missing edges of a point's readers add to its activation {@code x}. */
    private NDArray changes(Reader.Kind kind, HookPoint point, NDArray x) {
        int first = graph.firstReader(kind, point.layer());
        int count = graph.readers(kind);
        int sources = graph.sources(first);
        NDArray lacking = lacking(first, count, sources);
        NDArray sum = norm.present()
                ? throughNorms(lacking, sources, x)
                : lacking.matMul(Slices.of(differences, 1, 0, sources));
        long[] shape = x.getShape().getShape();
        NDArray byReader = sum.reshape(shape[0], count, shape[1], shape[shape.length - 1]);
        return kind.perHead() ? byReader.transpose(0, 2, 1, 3) : byReader.squeeze(1);
    }

    /** Returns 1 for each edge that a circuit lacks: [circuit, reader, writer]. */
    private NDArray lacking(int first, int count, int sources) {
        float[] missing = new float[circuits.size() * count * sources];
        int next = 0;
        for (BitSet circuit : circuits) {
            for (int reader = first; reader < first + count; reader++) {
                int edge = graph.edge(0, reader);
                for (int writer = 0; writer < sources; writer++) {
                    missing[next++] = circuit.get(edge + writer) ? 0 : 1;
                }
            }
        }
        return owner.create(missing, new Shape(circuits.size(), count, sources));
    }

    /** Sums differences of embedding and MLPs, and those of each layer's heads through its norm. */
    private NDArray throughNorms(NDArray lacking, int sources, NDArray x) {
        int heads = graph.heads();
        NDArray sum = part(lacking, 0, 1);
        long width = x.getShape().get(x.getShape().dimension() - 1);
        for (int layer = 0; graph.firstHead(layer) < sources; layer++) {
            int from = graph.firstHead(layer);
            NDArray own = part(lacking, from, from + heads);
            long[] shape = own.getShape().getShape();
            NDArray change = own.reshape(shape[0], shape[1], shape[2] / width, width);
            sum = sum.add(norm.exact(layer, normed.get(layer), change).reshape(own.getShape()));
            int mlp = from + heads;
            sum = mlp < sources ? sum.add(part(lacking, mlp, mlp + 1)) : sum;
        }
        return sum;
    }

    private NDArray part(NDArray lacking, int from, int to) {
        return Slices.of(lacking, 2, from, to).matMul(Slices.of(differences, 1, from, to));
    }
}
