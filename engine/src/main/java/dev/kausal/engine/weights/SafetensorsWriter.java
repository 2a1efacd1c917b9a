package dev.kausal.engine.weights;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/** Writes safetensors files: the counterpart of {@link WeightStores#open} for weights made here. */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /** Storage type of the numbers. */
    public enum Precision {
        F16(2),
        F32(4);

        private final int bytes;

        Precision(int bytes) {
            this.bytes = bytes;
        }

        private void put(ByteBuffer out, float value) {
            if (this == F32) {
                out.putFloat(value);
            } else {
                out.putShort(Half.narrow(value));
            }
        }
    }

    /**
     * One tensor.
     *
     * @param values row-major, as many as {@code shape} implies
     */
    public record Tensor(String name, long[] shape, float[] values) {
        public Tensor {
            long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            if (size != values.length) {
                throw new IllegalArgumentException(
                        name + " has " + values.length + " values, but shape " + Arrays.toString(shape));
            }
        }
    }

    /** Writes {@code tensors} to {@code file}, completely or not at all, replacing earlier content. */
    public static void write(Path file, List<Tensor> tensors, Precision precision) throws IOException {
        Path draft = file.resolveSibling("." + file.getFileName() + ".partial");
        try (OutputStream out = Files.newOutputStream(draft)) {
            byte[] header = header(tensors, precision);
            out.write(ByteBuffer.allocate(ALIGNMENT)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            for (Tensor tensor : tensors) {
                out.write(bytes(tensor, precision));
            }
        }
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns the header, padded with blanks so that the numbers are aligned. */
    private static byte[] header(List<Tensor> tensors, Precision precision) {
        JsonObject header = new JsonObject();
        long at = 0;
        for (Tensor tensor : tensors) {
            JsonObject one = new JsonObject();
            one.addProperty("dtype", precision.name());
            JsonArray shape = new JsonArray();
            Arrays.stream(tensor.shape()).forEach(shape::add);
            one.add("shape", shape);
            JsonArray offsets = new JsonArray();
            offsets.add(at);
            at += (long) tensor.values().length * precision.bytes;
            offsets.add(at);
            one.add("data_offsets", offsets);
            header.add(tensor.name(), one);
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static byte[] bytes(Tensor tensor, Precision precision) {
        ByteBuffer out =
                ByteBuffer.allocate(tensor.values().length * precision.bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : tensor.values()) {
            precision.put(out, value);
        }
        return out.array();
    }
}
