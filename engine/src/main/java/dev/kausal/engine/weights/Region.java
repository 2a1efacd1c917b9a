package dev.kausal.engine.weights;

/**
 * Where a tensor's bytes lie.
 *
 * @param info name, dtype and shape
 * @param file the file that holds it
 * @param offset of its first byte, from the start of the file
 */
record Region(TensorInfo info, WeightsFile file, long offset) {
    String where() {
        return "tensor '" + info.name() + "'";
    }

    CorruptWeightsException corrupt(String expected, String found) {
        return new CorruptWeightsException(file.path(), where(), expected, found);
    }

    UnsupportedWeightsException unsupported(String expected, String found) {
        return new UnsupportedWeightsException(file.path(), where(), expected, found);
    }
}
