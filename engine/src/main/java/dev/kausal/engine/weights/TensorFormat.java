package dev.kausal.engine.weights;

/**
 * Decoding of one dtype to float32; elements come in blocks of equal byte length.
 *
 * @param dtype name of the dtype, shared by safetensors and GGUF
 * @param blockSize elements per block
 * @param blockBytes bytes per block
 * @param decoder stateless
 */
record TensorFormat(String dtype, int blockSize, int blockBytes, Decoder decoder) {
    /** Decodes consecutive blocks. */
    @FunctionalInterface
    interface Decoder {
        /** Decodes {@code blocks} blocks from the start of {@code in} to the start of {@code out}. */
        void decode(byte[] in, int blocks, float[] out);
    }

    /** Decodes one block. */
    @FunctionalInterface
    interface Block {
        /** Decodes the block at {@code from} into {@code out} from {@code to} on. */
        void decode(byte[] in, int from, float[] out, int to);
    }

    /** Returns a format whose blocks are decoded one by one. */
    static TensorFormat ofBlocks(String dtype, int blockSize, int blockBytes, Block block) {
        return new TensorFormat(dtype, blockSize, blockBytes, (in, blocks, out) -> {
            for (int b = 0; b < blocks; b++) {
                block.decode(in, b * blockBytes, out, b * blockSize);
            }
        });
    }

    /** Returns an unquantised format. Its decoder loops itself: a call per element would cost more than the element. */
    static TensorFormat ofElements(String dtype, int bytes, Decoder decoder) {
        return new TensorFormat(dtype, 1, bytes, decoder);
    }
}
