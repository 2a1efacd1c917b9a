package dev.kausal.engine.weights;

/**
 * The location of a tensor's bytes.
 *
 * @param info name, dtype and shape
 * @param file the file that holds it
 * @param offset offset of its first byte in the file
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
