package dev.kausal.engine.fuzz;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/** Changes of a file that a damaged or hostile one may have; the same for the same seed. */
final class Mutations {
    private static final long[] NUMBERS = {
        0, 1, -1, 2, 255, 65_536, Integer.MAX_VALUE, 1L << 31, (1L << 32) - 1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "\"\"",
            "[]",
            "{}",
            "-1",
            "0",
            "1.5",
            "1e400",
            "1e9",
            "2147483647",
            "9223372036854775807",
            "99999999999999999999",
            "NaN",
            "\"../../etc/passwd\"",
            "\"\\u0000\\u001b[2J\"",
            "\"\\ud800\"",
            "[null]",
            "[[null, 2]]",
            "[".repeat(300) + "]".repeat(300),
            "{\"a\":".repeat(200) + "1" + "}".repeat(200),
            "[".repeat(20_000) + "]".repeat(20_000),
            "\"" + "x".repeat(20_000) + "\"");
    private static final String MARK = "@@value@@";

    private final Random random;

    Mutations(long seed) {
        random = new Random(seed * 0x9E3779B97F4A7C15L);
    }

    /** A change that fits the file: of bytes, of JSON, of a header in JSON, or of chunks. */
    byte[] of(byte[] file) {
        int kind = random.nextInt(4);
        if (kind > 0 && file.length > 0 && (file[0] == '{' || file[0] == '[')) {
            return json(file);
        }
        if (kind > 0 && isSafetensors(file)) {
            return header(file);
        }
        if (kind > 1 && file.length > 8 && file[1] == 'P' && file[2] == 'N' && file[3] == 'G') {
            return chunks(file);
        }
        return bytes(file);
    }

    /** Some bytes, or a number across them, removed or repeated ones, or the end cut off. */
    private byte[] bytes(byte[] file) {
        byte[] changed = file.clone();
        for (int i = 1 + random.nextInt(4); i > 0 && changed.length > 8; i--) {
            int zone = random.nextBoolean() ? Math.min(changed.length, 4096) : changed.length;
            int at = random.nextInt(zone - 8);
            ByteBuffer numbers = ByteBuffer.wrap(changed)
                    .order(random.nextInt(4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            int length = 1 + random.nextInt(8);
            switch (random.nextInt(7)) {
                case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> changed[at] = (byte) random.nextInt(256);
                case 2 -> numbers.putLong(at, number());
                case 3 -> numbers.putInt(at, (int) number());
                case 4 -> changed = Arrays.copyOf(changed, at);
                case 5 -> changed = joined(changed, at, at + length);
                default -> changed = joined(changed, at + length, at);
            }
        }
        return changed;
    }

    private long number() {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }

    /** What is before {@code end}, and then what is from {@code start} on. */
    private static byte[] joined(byte[] file, int end, int start) {
        byte[] joined = Arrays.copyOf(file, end + file.length - start);
        System.arraycopy(file, start, joined, end, file.length - start);
        return joined;
    }

    /** A field or an entry somewhere removed, copied, or with another value. */
    private byte[] json(byte[] file) {
        JsonElement root;
        try {
            root = JsonParser.parseString(new String(file, StandardCharsets.UTF_8));
        } catch (JsonParseException e) {
            return bytes(file);
        }
        List<JsonElement> containers = new ArrayList<>();
        collect(root, containers);
        for (int i = 1 + random.nextInt(8) / 6; i > 0; i--) {
            change(random.nextInt(3) == 0 ? root : containers.get(random.nextInt(containers.size())));
        }
        String text = root.toString();
        String value = VALUES.get(random.nextInt(VALUES.size()));
        return text.replace("\"" + MARK + "\"", value).getBytes(StandardCharsets.UTF_8);
    }

    private void change(JsonElement container) {
        if (container instanceof JsonObject object && !object.isEmpty()) {
            List<String> names = new ArrayList<>(object.keySet());
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(6)) {
                case 0 -> object.remove(name);
                case 1 -> object.add(names.get(random.nextInt(names.size())), object.get(name));
                default -> object.add(name, other(object.get(name)));
            }
        } else if (container instanceof JsonArray array && !array.isEmpty()) {
            int at = random.nextInt(array.size());
            switch (random.nextInt(6)) {
                case 0 -> array.remove(at);
                case 1 -> array.add(array.get(at));
                default -> array.set(at, other(array.get(at)));
            }
        }
    }

    private JsonElement other(JsonElement value) {
        if (value instanceof JsonPrimitive plain && plain.isNumber() && random.nextBoolean()) {
            double number = plain.getAsDouble();
            return new JsonPrimitive(
                    random.nextBoolean() ? (long) number + 1 - random.nextInt(3) : (long) (number * 3));
        }
        return random.nextInt(12) == 0 ? JsonNull.INSTANCE : new JsonPrimitive(MARK);
    }

    private static void collect(JsonElement element, List<JsonElement> containers) {
        if (element.isJsonObject()) {
            containers.add(element);
            element.getAsJsonObject().entrySet().forEach(field -> collect(field.getValue(), containers));
        } else if (element.isJsonArray()) {
            containers.add(element);
            element.getAsJsonArray().forEach(entry -> collect(entry, containers));
        }
    }

    private static boolean isSafetensors(byte[] file) {
        return file.length > 9 && file[8] == '{' && headerLength(file) > 0 && headerLength(file) <= file.length - 8;
    }

    private static int headerLength(byte[] file) {
        return (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    }

    private byte[] header(byte[] file) {
        int length = headerLength(file);
        byte[] header = json(Arrays.copyOfRange(file, 8, 8 + length));
        ByteBuffer changed = ByteBuffer.allocate(file.length - length + header.length);
        changed.order(ByteOrder.LITTLE_ENDIAN).putLong(random.nextInt(20) == 0 ? number() : header.length);
        return changed.put(header)
                .put(file, 8 + length, file.length - 8 - length)
                .array();
    }

    /** Contents of a PNG's chunks, whose checksums then fit. */
    private byte[] chunks(byte[] file) {
        byte[] changed = file.clone();
        ByteBuffer png = ByteBuffer.wrap(changed);
        for (int at = 8; at + 12 <= changed.length; ) {
            int length = png.getInt(at);
            if (length < 0 || length > changed.length - at - 12) {
                break;
            }
            if (length > 0 && random.nextInt(3) == 0) {
                changed[at + 8 + random.nextInt(length)] = (byte) number();
            }
            if (length >= 4 && random.nextInt(8) == 0) {
                png.putInt(at + 8 + 4 * random.nextInt(length / 4), (int) number());
            }
            CRC32 crc = new CRC32();
            crc.update(changed, at + 4, length + 4);
            png.putInt(at + 8 + length, (int) crc.getValue());
            at += length + 12;
        }
        return changed;
    }
}
