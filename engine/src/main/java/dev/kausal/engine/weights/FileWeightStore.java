package dev.kausal.engine.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The only store: file regions and the formats that decode them. Reading is thread-safe. */
final class FileWeightStore implements WeightStore {
    private final Path path;
    private final List<WeightsFile> files;
    private final Map<String, Region> regions;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, Object> metadata;
    private final Map<String, TensorFormat> formats;
    private volatile @Nullable String sha256;
    private volatile boolean closed;

    private FileWeightStore(
            Path path,
            Collection<WeightsFile> files,
            Map<String, Region> regions,
            Map<String, Object> metadata,
            Map<String, TensorFormat> formats) {
        this.path = path;
        this.files = List.copyOf(files);
        this.regions = regions;
        this.metadata = metadata;
        this.formats = formats;
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        regions.forEach((name, region) -> infos.put(name, region.info()));
        this.tensors = Collections.unmodifiableMap(infos);
    }

    /** Creates a store of files in name order. */
    static FileWeightStore safetensors(Path path, Collection<WeightsFile> files, Map<String, Region> regions) {
        return new FileWeightStore(path, files, regions, Map.of(), TensorFormats.SAFETENSORS);
    }

    static FileWeightStore gguf(WeightsFile file) {
        Gguf gguf = Gguf.read(file);
        return gguf(file.path(), List.of(file), gguf.tensors(), gguf.metadata());
    }

    /** Creates a store of several files' tensors, with the first one's metadata. */
    static FileWeightStore gguf(
            Path path, Collection<WeightsFile> files, Map<String, Region> regions, Map<String, Object> metadata) {
        return new FileWeightStore(path, files, regions, metadata, TensorFormats.GGUF);
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public NDArray read(String name, NDManager manager) {
        return reader(name).read(manager);
    }

    @Override
    public NDArray rows(String name, int[] rows, NDManager manager) {
        return reader(name).rows(rows, manager);
    }

    @Override
    public void check(String name) {
        reader(name);
    }

    private TensorReader reader(String name) {
        requireOpen();
        Region region = regions.get(name);
        if (region == null) {
            throw new MissingTensorException(path, name, regions.keySet());
        }
        TensorFormat format = formats.get(region.info().dtype());
        if (format == null) {
            throw region.unsupported(
                    TensorFormats.names(formats), "dtype " + region.info().dtype());
        }
        return new TensorReader(region, format, TensorReader.PART);
    }

    @Override
    public String sha256() {
        String known = sha256;
        if (known == null) {
            synchronized (this) {
                known = sha256;
                if (known == null) {
                    requireOpen();
                    known = DigestCache.ofProcess().of(files, this::hash);
                    sha256 = known;
                }
            }
        }
        return known;
    }

    private String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.forEach(file -> file.digest(digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform lacks SHA-256", e);
        }
    }

    @Override
    public Map<String, Object> metadata() {
        return metadata;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the weight store of " + path + " is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        files.forEach(WeightsFile::close);
    }
}
