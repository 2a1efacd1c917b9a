package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.TensorInfo;
import dev.kausal.engine.weights.WeightStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A base model's weights with a LoRA adapter (Hu et al. 2021) merged in: W + scale · B A, in float32, like PEFT's
 * merge_and_unload.
 */
final class LoraMerge implements WeightStore {
    /**
     * The adapter's change of one tensor.
     *
     * @param a name of A [rank, in] in the adapter
     * @param b name of B [out, rank]
     * @param scale factor on the product
     * @param transposed whether the base's tensor is [in, out]
     */
    record Change(String a, String b, double scale, boolean transposed) {}

    private final WeightStore base;
    private final WeightStore adapter;
    private final Map<String, Change> changes;
    private final Map<String, String> replaced;

    /**
     * Merges {@code changes}, and {@code replaced} (by tensors of the adapter); both maps are keyed by the base's
     * names.
     */
    LoraMerge(WeightStore base, WeightStore adapter, Map<String, Change> changes, Map<String, String> replaced) {
        this.base = base;
        this.adapter = adapter;
        this.changes = Map.copyOf(changes);
        this.replaced = Map.copyOf(replaced);
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>(base.tensors());
        replaced.forEach((name, other) -> {
            TensorInfo info = Present.in(adapter.tensors(), other);
            tensors.put(name, new TensorInfo(name, info.dtype(), info.shape()));
        });
        return tensors;
    }

    @Override
    public NDArray read(String name, NDManager manager) {
        if (replaced.containsKey(name)) {
            return adapter.read(Present.in(replaced, name), manager);
        }
        NDArray weight = base.read(name, manager);
        Change change = changes.get(name);
        if (change != null) {
            try (NDManager local = Torch.manager()) {
                NDArray product = adapter.read(change.b(), local)
                        .matMul(adapter.read(change.a(), local))
                        .muli((float) change.scale());
                weight.addi(change.transposed() ? product.transpose() : product);
            }
        }
        return weight;
    }

    @Override
    public NDArray rows(String name, int[] rows, NDManager manager) {
        return replaced.containsKey(name) || changes.containsKey(name)
                ? WeightStore.super.rows(name, rows, manager)
                : base.rows(name, rows, manager);
    }

    @Override
    public void check(String name) {
        if (replaced.containsKey(name)) {
            adapter.check(Present.in(replaced, name));
            return;
        }
        base.check(name);
        Change change = changes.get(name);
        if (change != null) {
            adapter.check(change.a());
            adapter.check(change.b());
        }
    }

    @Override
    public String sha256() {
        try {
            byte[] both = (base.sha256() + adapter.sha256()).getBytes(StandardCharsets.US_ASCII);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(both));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform lacks SHA-256", e);
        }
    }

    @Override
    public Map<String, Object> metadata() {
        return base.metadata();
    }

    @Override
    public void close() {
        base.close();
        adapter.close();
    }
}
