package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.forward.StoredKeys;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Indices;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of texts that are being written: of shared prompts once, and of each text's own positions. Owns its
 * arrays.
 *
 * <p>Own positions of a group are in one array with room for all tokens to come, [key-value head, text, slot, d_head],
 * so that a pass writes its new slots in place, and attention reads the rest without a copy.
 */
final class TextCache implements KeyValues, AutoCloseable {
    private final ModelConfig config;
    private final NDManager manager;
    private final int tokens;
    private final List<List<NDArray>> stemKeys = new ArrayList<>();
    private final List<List<NDArray>> stemValues = new ArrayList<>();
    private final List<List<NDArray>> ownKeys = new ArrayList<>();
    private final List<List<NDArray>> ownValues = new ArrayList<>();
    private @Nullable TextRows passing;
    private List<NDArray> filling = List.of();

    /** Creates a cache for texts to which at most {@code tokens} tokens are added. */
    TextCache(Transformer model, int tokens) {
        this.config = model.config();
        this.manager = model.device().manager();
        this.tokens = tokens;
        for (int layer = 0; layer < config.layers(); layer++) {
            for (List<List<NDArray>> each : List.of(stemKeys, stemValues, ownKeys, ownValues)) {
                each.add(new ArrayList<>());
            }
        }
    }

    /** Prepares for a pass of these rows; {@code local} is open until it ends. */
    void expect(TextRows rows, NDManager local) {
        passing = rows;
        filling = new ArrayList<>();
        for (int i = 0; i < rows.groups().size(); i++) {
            AttentionGroup segment = rows.layout().segments().get(rows.stems() + i);
            filling.add(
                    local.create(StoredKeys.rows(segment, rows.groups().get(i).newPositions())));
        }
    }

    private TextRows passing() {
        return Present.of(passing, "rows that pass");
    }

    @Override
    public void keep(int layer, NDArray keys, NDArray values, RowLayout layout) {
        TextRows rows = passing();
        for (int i = 0; i < layout.segments().size(); i++) {
            AttentionGroup segment = layout.segments().get(i);
            NDArray k = Slices.of(keys, 0, segment.start(), segment.start() + segment.rows());
            NDArray v = Slices.of(values, 0, segment.start(), segment.start() + segment.rows());
            int group = i - rows.stems();
            if (group < 0) {
                stemKeys.get(layer).add(attached(k.transpose(1, 2, 0).duplicate()));
                stemValues.get(layer).add(attached(v.transpose(1, 0, 2).duplicate()));
            } else {
                store(ownKeys.get(layer), group, k);
                store(ownValues.get(layer), group, v);
            }
        }
    }

    /** Writes new rows [row, key-value head, d_head] into the last slots of their texts. */
    private void store(List<NDArray> stored, int group, NDArray rows) {
        TextGroup texts = passing().groups().get(group);
        long kv = config.keyValueHeads();
        int count = texts.texts().size();
        int fresh = texts.newPositions();
        int end = texts.slots();
        if (group == stored.size()) {
            Shape shape = new Shape(kv, count, (long) end + tokens, config.dHead());
            stored.add(attached(manager.zeros(shape, rows.getDataType())));
        }
        NDArray even = (long) fresh * count == rows.getShape().get(0)
                ? rows
                : Slices.gather(rows.reshape(rows.getShape().get(0), kv * config.dHead()), filling.get(group));
        NDArray slots = even.reshape(count, fresh, kv, config.dHead()).transpose(2, 0, 1, 3);
        stored.get(group).set(new NDIndex(":, :, " + (end - fresh) + ":" + end), slots);
    }

    private NDArray attached(NDArray array) {
        NDScope.unregister(array);
        array.attach(manager);
        return array;
    }

    @Override
    public NDArray keys(int layer, int stem) {
        return stemKeys.get(layer).get(stem);
    }

    @Override
    public NDArray values(int layer, int stem) {
        return stemValues.get(layer).get(stem);
    }

    @Override
    public Own own(int layer, int segment) {
        int group = segment - passing().stems();
        int end = passing().groups().get(group).slots();
        return new Own(
                filled(ownKeys.get(layer).get(group), end),
                filled(ownValues.get(layer).get(group), end));
    }

    private NDArray filled(NDArray stored, int end) {
        long texts = stored.getShape().get(1);
        return Slices.of(stored, 2, 0, end).reshape(config.keyValueHeads() * texts, end, config.dHead());
    }

    /**
     * Drops texts that are finished.
     *
     * @param kept by group, the places of the texts that go on; groups without any are dropped
     */
    void keepOnly(List<int[]> kept) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            for (int layer = 0; layer < config.layers(); layer++) {
                keepOnly(ownKeys.get(layer), kept);
                keepOnly(ownValues.get(layer), kept);
            }
        }
    }

    private void keepOnly(List<NDArray> stored, List<int[]> kept) {
        List<NDArray> remaining = new ArrayList<>();
        for (int group = 0; group < kept.size(); group++) {
            NDArray all = stored.get(group);
            long texts = all.getShape().get(1);
            int count = kept.get(group).length;
            if (count == texts) {
                remaining.add(all);
                continue;
            }
            if (count > 0) {
                remaining.add(attached(selected(all, kept.get(group))));
            }
            all.close();
        }
        stored.clear();
        stored.addAll(remaining);
    }

    private NDArray selected(NDArray stored, int[] texts) {
        long slots = stored.getShape().get(2);
        Indices rows = new Indices();
        for (int head = 0; head < config.keyValueHeads(); head++) {
            for (int text : texts) {
                rows.add((int) (head * stored.getShape().get(1) + text));
            }
        }
        NDArray table = stored.reshape(-1, slots * config.dHead());
        return Slices.gather(table, manager.create(rows.ints()))
                .reshape(config.keyValueHeads(), texts.length, slots, config.dHead());
    }

    @Override
    public void close() {
        manager.close();
    }
}
