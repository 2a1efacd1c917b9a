package dev.kausal.engine.weights;

/** How one dtype's bytes become float32; elements come in blocks of equal byte length. Stateless. */
interface TensorFormat {
    /** The dtype's name, which safetensors and GGUF share. */
    String dtype();

    /** Elements per block. */
    int blockSize();

    /** Bytes per block. */
    int blockBytes();

    /** Decodes {@code blocks} blocks from the start of {@code in} to the start of {@code out}. */
    void decode(byte[] in, int blocks, float[] out);
}
