package dev.kausal.engine.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A little-endian GGUF of version 2 or 3: metadata, then tensor descriptions, then their bytes (ggml's gguf.md).
 *
 * @param metadata by key, in file order
 * @param tensors by name, in file order; axes in PyTorch's order
 */
record Gguf(Map<String, Object> metadata, Map<String, Region> tensors) {
    /** The first four bytes, "GGUF". */
    static final int MAGIC = 0x46554747;

    private static final String ALIGNMENT_KEY = "general.alignment";
    private static final long DEFAULT_ALIGNMENT = 32;
    private static final long MAX_ALIGNMENT = 1 << 20;
    private static final int SMALLEST_TENSOR_BYTES = 8 + 4 + 4 + 8;
    private static final int MAX_AXES = 4;
    private static final Map<Integer, String> TYPE_NAMES = typeNames();

    private static Map<Integer, String> typeNames() {
        String[] named = ("F32 F16 Q4_0 Q4_1 - - Q5_0 Q5_1 Q8_0 Q8_1 Q2_K Q3_K Q4_K Q5_K Q6_K Q8_K"
                        + " IQ2_XXS IQ2_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ2_S IQ4_XS I8 I16 I32 I64 F64 IQ1_M BF16"
                        + " - - - TQ1_0 TQ2_0 - - - MXFP4 NVFP4 Q1_0")
                .split(" ", -1);
        Map<Integer, String> names = new LinkedHashMap<>();
        for (int type = 0; type < named.length; type++) {
            if (!named[type].equals("-")) {
                names.put(type, named[type]);
            }
        }
        return Map.copyOf(names);
    }

    static Gguf read(WeightsFile file) {
        GgufCursor in = new GgufCursor(file);
        int magic = in.int32("magic");
        if (magic != MAGIC) {
            throw in.corrupt("magic", "the bytes GGUF", String.format("0x%08x", Integer.reverseBytes(magic)));
        }
        requireVersion(in.int32("version"), file);
        int tensorCount = in.count(SMALLEST_TENSOR_BYTES, "number of tensors");
        Map<String, Object> metadata = GgufMetadata.read(in, GgufMetadata.count(in));
        List<Region> relative = new ArrayList<>();
        for (int i = 0; i < tensorCount; i++) {
            relative.add(tensor(in, i));
        }
        long alignment = alignment(in, metadata);
        long dataStart = (in.position() + alignment - 1) / alignment * alignment;
        return new Gguf(metadata, place(relative, dataStart, alignment));
    }

    private static void requireVersion(int version, WeightsFile file) {
        if (version == 2 || version == 3) {
            return;
        }
        boolean swapped = Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
        String found = swapped ? "a big-endian file" : "version " + Integer.toUnsignedString(version);
        throw new UnsupportedWeightsException(file.path(), "GGUF header", "little-endian version 2 or 3", found);
    }

    private static long alignment(GgufCursor in, Map<String, Object> metadata) {
        Object value = metadata.getOrDefault(ALIGNMENT_KEY, DEFAULT_ALIGNMENT);
        if (value instanceof Long alignment && alignment > 0 && alignment <= MAX_ALIGNMENT && alignment % 8 == 0) {
            return alignment;
        }
        throw in.corrupt("metadata '" + ALIGNMENT_KEY + "'", "a multiple of 8 up to " + MAX_ALIGNMENT, "" + value);
    }

    /** Reads one description; its offset is relative to the start of the data, not yet of the file. */
    private static Region tensor(GgufCursor in, int index) {
        String name = in.string("name of tensor " + index);
        String where = "tensor '" + name + "'";
        int axes = in.int32(where);
        if (axes < 0 || axes > MAX_AXES) {
            throw in.corrupt(where, "at most " + MAX_AXES + " axes", Integer.toUnsignedString(axes));
        }
        List<Long> shape = new ArrayList<>();
        for (int axis = 0; axis < axes; axis++) {
            // A GGUF lists the innermost axis first.
            shape.add(0, in.int64(where));
        }
        int type = in.int32(where);
        String dtype = TYPE_NAMES.getOrDefault(type, "type " + Integer.toUnsignedString(type));
        return new Region(new TensorInfo(name, dtype, shape), in.file(), in.int64(where));
    }

    private static Map<String, Region> place(List<Region> relative, long dataStart, long alignment) {
        Map<String, Region> tensors = new LinkedHashMap<>();
        List<Layout.Placed> placed = new ArrayList<>();
        for (Region one : relative) {
            if (one.offset() % alignment != 0) {
                throw one.corrupt("an offset that is a multiple of " + alignment, Long.toString(one.offset()));
            }
            long room = one.file().size() - dataStart;
            if (one.offset() < 0 || one.offset() > room) {
                throw one.corrupt(
                        "an offset within the " + Math.max(0, room) + " bytes of data",
                        Long.toUnsignedString(one.offset()));
            }
            Region region = new Region(one.info(), one.file(), dataStart + one.offset());
            long bytes = bytes(region);
            if (bytes > room - one.offset()) {
                throw region.corrupt(
                        bytes + " bytes for shape " + one.info().shape() + " of "
                                + one.info().dtype(),
                        (room - one.offset()) + " bytes left of the file");
            }
            placed.add(new Layout.Placed(region, region.offset() + bytes));
            if (tensors.put(one.info().name(), region) != null) {
                throw region.corrupt("every name once", "it twice");
            }
        }
        Layout.withoutOverlap(placed);
        return tensors;
    }

    /** Returns a tensor's bytes; 0 for a dtype of unknown width, whose reading is refused. */
    private static long bytes(Region region) {
        long size = Layout.size(region);
        TensorFormat format = TensorFormats.GGUF.get(region.info().dtype());
        if (format == null || size == 0) {
            return 0;
        }
        List<Long> shape = region.info().shape();
        long row = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
        if (row % format.blockSize() != 0) {
            throw region.corrupt(
                    "rows of whole " + format.dtype() + " blocks of " + format.blockSize(), "shape " + shape);
        }
        try {
            return TensorFormats.bytes(format, size);
        } catch (ArithmeticException e) {
            throw region.corrupt("fewer than 2^63 bytes", "shape " + shape);
        }
    }
}
