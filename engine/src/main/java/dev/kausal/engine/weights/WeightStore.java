package dev.kausal.engine.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.tensor.Slices;
import java.util.Map;

/**
 * The tensors of a checkpoint: one safetensors file, several with an index, or a GGUF.
 *
 * <p>Headers are checked in full when a store is opened; a tensor's bytes are read on request. Not a model: names and
 * layouts are the file's own.
 */
public interface WeightStore extends AutoCloseable {
    /** Returns every tensor by name, in file order. */
    Map<String, TensorInfo> tensors();

    /**
     * Reads one tensor as float32, dequantised.
     *
     * @return [shape of {@link TensorInfo}], owned by {@code manager}
     * @throws dev.kausal.engine.errors.KausalException if the tensor is missing or its values include NaN or infinity
     */
    NDArray read(String name, NDManager manager);

    /**
     * Reads rows of a matrix as float32, dequantised, without reading the others if the format allows it.
     *
     * @param rows numbers of rows, in any order
     * @return [row, column], owned by {@code manager}
     * @throws dev.kausal.engine.errors.KausalException as {@link #read}
     */
    default NDArray rows(String name, int[] rows, NDManager manager) {
        try (NDManager local = manager.newSubManager()) {
            NDArray found = Slices.gather(read(name, local), local.create(rows));
            found.attach(manager);
            return found;
        }
    }

    /**
     * Checks that a tensor exists and that its number format can be read, without reading it.
     *
     * @throws dev.kausal.engine.errors.KausalException if not
     */
    void check(String name);

    /**
     * Returns the SHA-256, in lower-case hex, of the bytes of all files in name order (for one file, the file's own).
     * Reads them completely, unless the digest of large files is known and they have not changed.
     */
    String sha256();

    /** Returns a GGUF's key-value metadata (String, Long, Double, Boolean, or List of these); empty for safetensors. */
    Map<String, Object> metadata();

    @Override
    void close();
}
