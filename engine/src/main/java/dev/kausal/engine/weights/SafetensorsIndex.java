package dev.kausal.engine.weights;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.MalformedJsonException;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.files.SmallFiles;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a {@code model.safetensors.index.json}, which maps every tensor to its shard. */
final class SafetensorsIndex {
    private final Path path;

    private SafetensorsIndex(Path path) {
        this.path = path;
    }

    /** Opens the tensors in the index's order, with their shards; closes these on failure. */
    static FileWeightStore open(Path path) {
        SafetensorsIndex index = new SafetensorsIndex(path);
        Map<String, String> shardByTensor = index.weightMap();
        Map<String, WeightsFile> files = new TreeMap<>();
        try {
            Map<String, Map<String, Region>> shards = new TreeMap<>();
            for (String shard : shardByTensor.values()) {
                if (!shards.containsKey(shard)) {
                    files.put(shard, WeightsFile.open(index.shard(shard)));
                    shards.put(shard, Safetensors.read(files.get(shard)));
                }
            }
            Map<String, Region> regions = new LinkedHashMap<>();
            shardByTensor.forEach((tensor, shard) -> regions.put(
                    tensor,
                    index.inShard(tensor, shard, Present.in(shards, shard).get(tensor))));
            return FileWeightStore.safetensors(
                    Present.of(path.getParent(), "folder of " + path), files.values(), regions);
        } catch (RuntimeException e) {
            files.values().forEach(WeightsFile::close);
            throw e;
        }
    }

    private CorruptWeightsException corrupt(String where, String expected, String found) {
        return new CorruptWeightsException(path, where, expected, found);
    }

    private Map<String, String> weightMap() {
        Map<String, String> map = null;
        try (JsonReader json = new JsonReader(new StringReader(SmallFiles.text(path, SmallFiles.CONFIG)))) {
            json.beginObject();
            while (json.hasNext()) {
                if (json.nextName().equals("weight_map")) {
                    map = entries(json);
                } else {
                    json.skipValue();
                }
            }
            json.endObject();
        } catch (MalformedJsonException | EOFException | CharacterCodingException | IllegalStateException e) {
            throw corrupt("index", "a JSON object with a weight_map", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
        if (map == null || map.isEmpty()) {
            throw corrupt("index", "a weight_map of tensor names to shards", map == null ? "none" : "an empty one");
        }
        return map;
    }

    private Map<String, String> entries(JsonReader json) throws IOException {
        Map<String, String> map = new LinkedHashMap<>();
        json.beginObject();
        while (json.hasNext()) {
            String tensor = json.nextName();
            if (map.put(tensor, json.nextString()) != null) {
                throw corrupt("weight_map", "every name once", "tensor '" + tensor + "' twice");
            }
        }
        json.endObject();
        return map;
    }

    /**
     * Returns a shard's path, which must be beside the index: a name with a folder could reach any file of the machine.
     */
    private Path shard(String name) {
        if (!name.endsWith(".safetensors") || name.contains("/") || name.contains("\\") || name.indexOf('\0') >= 0) {
            throw corrupt("weight_map", "names of .safetensors files beside the index", "'" + name + "'");
        }
        Path shard = path.resolveSibling(name);
        if (!Files.isRegularFile(shard)) {
            throw corrupt("weight_map", "shard '" + name + "' beside the index", "no such file");
        }
        return shard;
    }

    private Region inShard(String tensor, String shard, @Nullable Region found) {
        if (found == null) {
            throw corrupt("weight_map", "tensor '" + tensor + "' in shard '" + shard + "'", "no such tensor there");
        }
        return found;
    }
}
