package dev.kausal.engine.weights;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Weight files written byte by byte, and the vectors that Python computed. */
final class TestFiles {
    static final int GGUF_U32 = 4;
    static final int GGUF_STRING = 8;
    static final int GGUF_ARRAY = 9;

    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private TestFiles() {}

    static JsonObject vectors(String part) throws IOException {
        try (InputStream in = TestFiles.class.getResourceAsStream("/weights/vectors.json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject()
                    .getAsJsonObject(part);
        }
    }

    static byte[] bytes(JsonObject object, String key) {
        return Base64.getDecoder().decode(object.get(key).getAsString());
    }

    static float[] floats(JsonObject object, String key) {
        ByteBuffer buffer = little(bytes(object, key));
        float[] values = new float[buffer.remaining() / Float.BYTES];
        buffer.asFloatBuffer().get(values);
        return values;
    }

    static Path resource(String name, Path folder) throws IOException {
        try (InputStream in = TestFiles.class.getResourceAsStream("/weights/" + name)) {
            Path file = folder.resolve(name);
            Files.copy(in, file);
            return file;
        }
    }

    static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] f32(float... values) {
        byte[] bytes = new byte[Float.BYTES * values.length];
        ByteBuffer buffer = little(bytes);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return bytes;
    }

    static byte[] safetensors(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return new Bytes().u64(json.length).raw(json).raw(data).done();
    }

    /** A header entry. */
    static String entry(String name, String dtype, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, shape, begin, end);
    }

    static Path write(Path file, byte[] bytes) throws IOException {
        return Files.write(file, bytes);
    }

    /** Start of a GGUF of version 3, to be followed by {@code entries} pairs and {@code tensors} descriptions. */
    static Bytes gguf(long tensors, long entries) {
        return new Bytes()
                .raw("GGUF".getBytes(StandardCharsets.UTF_8))
                .u32(3)
                .u64(tensors)
                .u64(entries);
    }

    /** Little-endian bytes, grown piece by piece. */
    static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bytes raw(byte... bytes) {
            out.writeBytes(bytes);
            return this;
        }

        Bytes u32(int value) {
            return raw(little(new byte[4]).putInt(value).array());
        }

        Bytes u64(long value) {
            return raw(little(new byte[8]).putLong(value).array());
        }

        Bytes string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return u64(utf8.length).raw(utf8);
        }

        /** A GGUF tensor's description; axes innermost first. */
        Bytes tensor(String name, int type, long offset, long... axes) {
            string(name).u32(axes.length);
            for (long axis : axes) {
                u64(axis);
            }
            return u32(type).u64(offset);
        }

        Bytes align(int alignment) {
            while (out.size() % alignment != 0) {
                raw((byte) 0);
            }
            return this;
        }

        byte[] done() {
            return out.toByteArray();
        }
    }
}
