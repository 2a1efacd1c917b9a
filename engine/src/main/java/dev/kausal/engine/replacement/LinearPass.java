package dev.kausal.engine.replacement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.forward.OutputHead;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A recorded pass of several copies of one prompt by the rules of attribution graphs. Each backward pass serves as many targets
 * as there are copies: a target's vector is the gradient in its own copy. Owns its arrays.
 */
final class LinearPass implements AutoCloseable {
    private final NDManager manager;
    private final List<LayerTranscoder> transcoders;
    private final int copies;
    private final int positions;
    /** By layer: what its transcoder reads [copy · position, d_in], recorded. */
    private final NDArray[] reads;
    /** By layer: zeros added to what its MLP writes; then those of the token embeddings. */
    private final NDArray[] probes;

    private NDArray stream;
    private NDArray unembedded;

    @SuppressWarnings("NullAway.Init") // the pass sets the rest
    LinearPass(HookedModel model, Input input, int read, List<LayerTranscoder> transcoders, int copies) {
        this.manager = model.device().manager();
        this.transcoders = transcoders;
        this.copies = copies;
        this.positions = input.length();
        this.reads = new NDArray[transcoders.size()];
        this.probes = new NDArray[transcoders.size() + 1];
        try {
            Recording.of(() -> {
                run(model, input, read);
                return this;
            });
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    int copies() {
        return copies;
    }

    private void run(HookedModel model, Input input, int read) {
        Transformer linear = model.transformer().with(Linearisation.DIRECT);
        int layers = transcoders.size();
        String last = HookKind.RESID_POST.name(layers - 1);
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Hooks hooks = new Hooks(model.points());
            hooks.replace(point -> point.name().equals(EmbeddingPath.SITE), (x, point) -> x.add(probe(x, layers)));
            for (int layer = 0; layer < layers; layer++) {
                int own = layer;
                LayerTranscoder transcoder = transcoders.get(layer);
                hooks.read(transcoder.site(), (x, point) -> reads[own] = kept(byRow(x)));
                hooks.replace(point -> point.name().equals(transcoder.target()), (x, point) -> written(x, own));
            }
            hooks.read(last, (x, point) -> stream = kept(byRow(x)));
            InputBatch batch = InputBatch.of(model.config(), Collections.nCopies(copies, input));
            new ForwardPass(linear, hooks).run(batch, new int[] {read}, manager).close();
            int[] rows = IntStream.range(0, copies)
                    .map(copy -> copy * positions + read)
                    .toArray();
            NDArray readout = Slices.gather(stream, manager.create(rows));
            unembedded = kept(new OutputHead(linear).beforeUnembedding(readout));
        }
    }

    /** Returns the output with the linear path of a skip connection, on which gradients flow. */
    private NDArray written(NDArray x, int layer) {
        Dictionary dictionary = transcoders.get(layer).dictionary();
        NDArray out = x;
        NDArray skip = dictionary.skip(reads[layer]);
        if (skip != null) {
            out = x.add(skip.sub(skip.stopGradient()).reshape(x.getShape()));
        }
        return out.add(probe(x, layer));
    }

    private NDArray probe(NDArray x, int index) {
        probes[index] = kept(Recording.probe(x));
        return probes[index];
    }

    private NDArray byRow(NDArray x) {
        return x.reshape((long) copies * positions, -1);
    }

    private NDArray kept(NDArray array) {
        NDScope.unregister(array);
        array.attach(manager);
        return array;
    }

    /**
     * Returns the direct effects of all nodes on targets.
     *
     * @param targets at most as many as there are copies
     * @return [target][source]
     */
    float[][] rows(List<Injection> targets, ActiveNodes nodes) {
        return Recording.of(() -> {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                return found(targets, nodes);
            }
        });
    }

    private float[][] found(List<Injection> targets, ActiveNodes nodes) {
        NDArray sum = null;
        int copy = 0;
        int reached = 0;
        for (Injection target : targets) {
            NDArray own = along(target, copy);
            sum = sum == null ? own : sum.add(own);
            copy += target.positions().length;
            reached = Math.max(reached, target.layer());
        }
        if (sum == null || !Recording.backward(sum, true)) {
            throw new IllegalStateException("no gradient reaches the nodes");
        }
        NodeRows rows = new NodeRows(nodes, copy);
        for (int layer = 0; layer < reached; layer++) {
            try (NDArray gradient = probes[layer].getGradient()) {
                rows.ofLayer(layer, Slices.of(gradient, 0, 0, copy));
            }
        }
        NDArray tokens = probes[probes.length - 1];
        try (NDArray gradient = tokens.getGradient()) {
            rows.ofTokens(Slices.of(gradient, 0, 0, copy));
        }
        for (NDArray probe : probes) {
            try (NDArray gradient = probe.getGradient()) {
                gradient.muli(0);
            }
        }
        return rows.rows();
    }

    /**
     * Returns what vectors read before the unembedding.
     *
     * @param vectors [vector, d_unembed]
     */
    float[] logits(NDArray vectors) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            return Slices.of(unembedded, 0, 0, 1).matMul(vectors.transpose()).toFloatArray();
        }
    }

    /** Returns the sum of the targets' own values, each in its copy. */
    private NDArray along(Injection target, int firstCopy) {
        int count = target.positions().length;
        boolean logits = target.layer() == transcoders.size();
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            int copy = firstCopy + i;
            rows[i] = logits ? copy : copy * positions + target.positions()[i];
        }
        NDArray from = logits ? unembedded : reads[target.layer()];
        return Slices.gather(from, manager.create(rows)).mul(target.vectors()).sum();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Collects gradients as rows of direct effects. */
    private static final class NodeRows {
        private final ActiveNodes nodes;
        private final float[][] rows;
        private final List<Integer> starts = new ArrayList<>();
        private final int features;

        NodeRows(ActiveNodes nodes, int targets) {
            this.nodes = nodes;
            int next = 0;
            for (int layer = 0; layer < nodes.layers(); layer++) {
                starts.add(next);
                next += nodes.features(layer).features().length;
            }
            features = next;
            rows = new float[targets][features + (nodes.layers() + 1) * nodes.positions()];
        }

        float[][] rows() {
            return rows;
        }

        /** Takes the gradient at what a layer writes [target, position, d_out]. */
        void ofLayer(int layer, NDArray gradient) {
            put(gradient.mul(nodes.errors(layer)).sum(new int[] {2}), features + layer * nodes.positions());
            int[] at = nodes.features(layer).positions();
            for (int from = 0; from < at.length; ) {
                int to = from;
                while (to < at.length && at[to] == at[from]) {
                    to++;
                }
                NDArray here = Slices.of(gradient, 1, at[from], at[from] + 1).squeeze(1);
                NDArray vectors = Slices.of(nodes.written(layer), 0, from, to);
                put(here.matMul(vectors.transpose()), starts.get(layer) + from);
                from = to;
            }
        }

        /** Takes the gradient at the token embeddings [target, position, d_embed]. */
        void ofTokens(NDArray gradient) {
            put(gradient.mul(nodes.tokens()).sum(new int[] {2}), features + nodes.layers() * nodes.positions());
        }

        private void put(NDArray effects, int first) {
            int width = (int) effects.getShape().get(1);
            float[] values = effects.toFloatArray();
            for (int target = 0; target < rows.length; target++) {
                System.arraycopy(values, target * width, rows[target], first, width);
            }
        }
    }
}
