package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.rows.SharedPrefixes;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Forward pass for last-position logits only: shared prefixes are computed once ({@link SharedPrefixes}), and the last
 * layer computes only the rows that are read.
 */
public final class LastPositionPass {
    /** Order in which prompts with equal beginnings are neighbours, so that sublists share most. */
    public static final Comparator<Input> ORDER = SharedPrefixes.NEIGHBOURS;

    private final Transformer model;

    /** Creates a pass over {@code model}, which must satisfy {@link #fits}; it may run any number of times. */
    public LastPositionPass(Transformer model) {
        this.model = model;
    }

    /** Returns whether a model's rows depend only on earlier tokens, and its head reads one row. */
    public static boolean fits(ModelConfig config) {
        return config.attention().causal()
                && !config.readsImages()
                && !config.head().pooled();
    }

    /**
     * Runs a batch.
     *
     * @param prompts token inputs within the model's vocabulary and context, as {@link InputBatch#of} checks
     * @param wanted points to read; none with scores or patterns
     * @param seen receives [prompt, 1, ...] at each of them, the last position; it must copy what it keeps
     * @return logits of the last position [prompt, vocabulary], owned by {@code manager}
     */
    public NDArray run(
            List<Input> prompts, Predicate<HookPoint> wanted, BiConsumer<NDArray, HookPoint> seen, NDManager manager) {
        Torch.inference();
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            SharedPrefixes packed = SharedPrefixes.of(prompts);
            Positions positions = new Positions(model.config());
            Watch watch = new Watch(packed, wanted, seen, local);
            Embedding embedding = new Embedding(model, watch);
            OutputHead head = new OutputHead(model, watch);
            Block block = new Block(model, positions, watch, new PrefixKeyValues(packed));
            LayerBatch all = LayerBatch.of(packed.layout(), positions, local);
            LayerBatch narrowing =
                    LayerBatch.narrowing(packed.layout(), packed.lasts(), watch.lastInOrder(), positions, local);
            NDArray embedded = embedding.of(packed.inputs(), packed.layout(), local);
            NDScope.unregister(embedded);
            NDArray stream = block.runAll(embedded, all, narrowing);
            stream.attach(local);
            NDArray logits = head.logits(head.beforeUnembedding(stream, packed.lasts()));
            NDArray inOrder = Slices.gather(logits, local.create(packed.places()));
            NDScope.unregister(inOrder);
            inOrder.attach(manager);
            return inOrder;
        }
    }

    /** Keys and values of the stems for the current layer; they live in its scope. */
    private static final class PrefixKeyValues implements KeyValues {
        private final Map<Integer, int[]> rows = new HashMap<>();
        private @Nullable NDArray keys;
        private @Nullable NDArray values;

        PrefixKeyValues(SharedPrefixes packed) {
            int next = 0;
            for (int place = 0; place < packed.inputs().size(); place++) {
                int count = packed.inputs().get(place).positions().length;
                rows.put(place, new int[] {next, next + count});
                next += count;
            }
        }

        @Override
        public void keep(int layer, NDArray k, NDArray v, RowLayout layout) {
            keys = k;
            values = v;
        }

        @Override
        public NDArray keys(int layer, int run) {
            return of(keys, run).transpose(1, 2, 0);
        }

        @Override
        public NDArray values(int layer, int run) {
            return of(values, run).transpose(1, 0, 2);
        }

        private NDArray of(@Nullable NDArray kept, int run) {
            int[] range = Present.in(rows, run);
            return Slices.of(Present.of(kept, "keys and values of a stem"), 0, range[0], range[1]);
        }
    }

    /** Presents the last rows in the order of the prompts. */
    private final class Watch implements PackedHooks {
        private final SharedPrefixes packed;
        private final Predicate<HookPoint> wanted;
        private final BiConsumer<NDArray, HookPoint> seen;
        private final NDArray last;
        private final NDArray places;

        Watch(
                SharedPrefixes packed,
                Predicate<HookPoint> wanted,
                BiConsumer<NDArray, HookPoint> seen,
                NDManager local) {
            this.packed = packed;
            this.wanted = wanted;
            this.seen = seen;
            this.last = local.create(packed.last());
            this.places = local.create(packed.places());
        }

        /** Returns the last rows in packed order. */
        int[] lastInOrder() {
            int[] rows = new int[packed.last().length];
            for (int prompt = 0; prompt < rows.length; prompt++) {
                rows[packed.places()[prompt]] = packed.last()[prompt];
            }
            return rows;
        }

        @Override
        public boolean waits(HookKind kind, int layer) {
            return !kind.attention()
                    && model.points().find(kind, layer).filter(wanted).isPresent();
        }

        @Override
        public boolean edits(HookKind kind, int layer) {
            return false;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // the layout itself: another may have equal rows
        public NDArray rows(HookKind kind, int layer, NDArray rows, RowLayout layout) {
            if (waits(kind, layer)) {
                long[] inner = rows.getShape().slice(1).getShape();
                long count = rows.getShape().get(0);
                NDArray flat = rows.reshape(count, rows.size() / count);
                NDArray read = Slices.gather(flat, layout == packed.lasts() ? places : last);
                long[] shape = new long[inner.length + 2];
                shape[0] = places.size();
                shape[1] = 1;
                System.arraycopy(inner, 0, shape, 2, inner.length);
                seen.accept(
                        read.reshape(shape), model.points().find(kind, layer).orElseThrow());
            }
            return rows;
        }

        @Override
        public NDArray pattern(HookKind kind, int layer, NDArray array, AttentionGroup segment) {
            return array;
        }
    }
}
