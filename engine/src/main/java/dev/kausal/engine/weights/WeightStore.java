package dev.kausal.engine.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * The tensors of a checkpoint: one safetensors file, several with an index, or a GGUF.
 *
 * <p>Headers are checked in full when a store is opened; a tensor's bytes are read when asked for. Not a model: names
 * and layouts are the file's own.
 */
public interface WeightStore extends AutoCloseable {
    /** Every tensor by name, in file order. */
    Map<String, TensorInfo> tensors();

    /**
     * Reads one tensor as float32, dequantised.
     *
     * @return [shape of {@link TensorInfo}], owned by {@code manager}
     * @throws dev.kausal.engine.errors.KausalException where the tensor is missing or its bytes hold NaN or infinity
     */
    NDArray read(String name, NDManager manager);

    /** SHA-256, lower-case hex, of the bytes of all files in name order (the file's own where there is one). */
    String sha256();

    /** A GGUF's key-value metadata (String, Long, Double, Boolean, or List of these); empty for safetensors. */
    Map<String, Object> metadata();

    @Override
    void close();
}
