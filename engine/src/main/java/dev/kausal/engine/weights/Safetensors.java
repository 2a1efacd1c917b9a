package dev.kausal.engine.weights;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a safetensors header: eight bytes of length, JSON of name to dtype, shape and offsets, then the bytes of all
 * tensors without gap or overlap (the format's own rule, huggingface/safetensors README).
 */
final class Safetensors {
    private static final int LENGTH_BYTES = 8;
    private static final int MAX_HEADER_BYTES = 100_000_000;
    private static final Map<String, Integer> OTHER_ITEM_BYTES = Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry("U8", 1),
            Map.entry("I8", 1),
            Map.entry("F8_E4M3", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("U16", 2),
            Map.entry("I16", 2),
            Map.entry("U32", 4),
            Map.entry("I32", 4),
            Map.entry("U64", 8),
            Map.entry("I64", 8),
            Map.entry("C64", 8));

    private final WeightsFile file;
    private final long dataStart;
    private final byte[] header;

    private Safetensors(WeightsFile file, byte[] header) {
        this.file = file;
        this.header = header;
        this.dataStart = (long) LENGTH_BYTES + header.length;
    }

    /** Returns every tensor of {@code file}, checked, by name in header order. */
    static Map<String, Region> read(WeightsFile file) {
        if (file.size() < LENGTH_BYTES) {
            throw corrupt(file, "header length", "at least 8 bytes of file", file.size() + " bytes");
        }
        long length = file.map(0, LENGTH_BYTES).getLong();
        long room = file.size() - LENGTH_BYTES;
        if (length < 0 || length > room) {
            String found = Long.toUnsignedString(length);
            throw corrupt(file, "header length", "at most the " + room + " bytes that follow it", found);
        }
        if (length > MAX_HEADER_BYTES) {
            throw corrupt(file, "header length", "at most " + MAX_HEADER_BYTES + " bytes", length + " bytes");
        }
        byte[] header = new byte[(int) length];
        file.read(LENGTH_BYTES, header, header.length);
        return new Safetensors(file, header).tensors();
    }

    /** Returns the texts under {@code __metadata__}; none if the file is not safetensors. */
    static Map<String, String> notes(WeightsFile file) {
        long length =
                file.size() < LENGTH_BYTES ? -1 : file.map(0, LENGTH_BYTES).getLong();
        if (length < 0 || length > Math.min(MAX_HEADER_BYTES, file.size() - LENGTH_BYTES)) {
            return Map.of();
        }
        byte[] header = new byte[(int) length];
        file.read(LENGTH_BYTES, header, header.length);
        try {
            Header read = new Gson().fromJson(new String(header, StandardCharsets.UTF_8), Header.class);
            return read == null || read.metadata() == null ? Map.of() : read.metadata();
        } catch (JsonParseException e) {
            return Map.of();
        }
    }

    private record Header(
            @SerializedName("__metadata__") @Nullable Map<String, String> metadata) {}

    private static CorruptWeightsException corrupt(WeightsFile file, String where, String expected, String found) {
        return new CorruptWeightsException(file.path(), where, expected, found);
    }

    private Map<String, Region> tensors() {
        Map<String, Region> regions = new LinkedHashMap<>();
        List<Layout.Placed> placed = new ArrayList<>();
        try (JsonReader json =
                new JsonReader(new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8))) {
            json.beginObject();
            while (json.hasNext()) {
                String name = json.nextName();
                if (name.equals("__metadata__")) {
                    json.skipValue();
                    continue;
                }
                Layout.Placed one = tensor(name, json);
                if (regions.put(name, one.region()) != null) {
                    throw corrupt(file, "header", "every name once", "tensor '" + name + "' twice");
                }
                placed.add(one);
            }
            json.endObject();
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw corrupt(file, "header", "one JSON object", "more after it");
            }
        } catch (MalformedJsonException | EOFException | IllegalStateException | NumberFormatException e) {
            throw corrupt(file, "header", "a JSON object of tensors", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new WeightsIoException(file.path(), e);
        }
        requireCovered(placed);
        return regions;
    }

    private Layout.Placed tensor(String name, JsonReader json) throws IOException {
        String dtype = null;
        Map<String, List<Long>> numbers = new HashMap<>();
        json.beginObject();
        while (json.hasNext()) {
            String key = json.nextName();
            switch (key) {
                case "dtype" -> dtype = json.nextString();
                case "shape", "data_offsets" -> numbers.put(key, longs(json));
                default -> json.skipValue();
            }
        }
        json.endObject();
        List<Long> shape = numbers.get("shape");
        List<Long> offsets = numbers.get("data_offsets");
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw corrupt(
                    file,
                    "tensor '" + name + "'",
                    "dtype, shape and two data_offsets",
                    "dtype " + dtype + ", shape " + shape + ", data_offsets " + offsets);
        }
        return place(new TensorInfo(name, dtype, shape), offsets.get(0), offsets.get(1));
    }

    private static List<Long> longs(JsonReader json) throws IOException {
        List<Long> values = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            values.add(json.nextLong());
        }
        json.endArray();
        return values;
    }

    private Layout.Placed place(TensorInfo info, long begin, long end) {
        long room = file.size() - dataStart;
        Region region = new Region(info, file, dataStart + begin);
        if (begin < 0 || end < begin || end > room) {
            throw region.corrupt("data_offsets within the " + room + " bytes of data", "[" + begin + ", " + end + "]");
        }
        long size = Layout.size(region);
        TensorFormat format = TensorFormats.SAFETENSORS.get(info.dtype());
        Integer itemBytes = format != null ? Integer.valueOf(format.blockBytes()) : OTHER_ITEM_BYTES.get(info.dtype());
        // A dtype of unknown width is refused when that tensor is read.
        if (itemBytes != null && !sameSize(size, itemBytes, end - begin)) {
            throw region.corrupt(
                    "shape " + info.shape() + " of " + info.dtype() + " (" + itemBytes + " bytes each)",
                    (end - begin) + " bytes");
        }
        return new Layout.Placed(region, dataStart + end);
    }

    private static boolean sameSize(long size, int itemBytes, long bytes) {
        return bytes % itemBytes == 0 && bytes / itemBytes == size;
    }

    private void requireCovered(List<Layout.Placed> placed) {
        long covered = dataStart;
        for (Layout.Placed one : Layout.withoutOverlap(placed)) {
            if (one.region().offset() != covered) {
                throw one.region()
                        .corrupt(
                                "bytes from " + (covered - dataStart) + ", where the tensor before ends",
                                "a gap up to " + (one.region().offset() - dataStart));
            }
            covered = one.end();
        }
        if (covered != file.size()) {
            throw corrupt(file, "end of file", "tensors up to the last byte", (file.size() - covered) + " bytes more");
        }
    }
}
