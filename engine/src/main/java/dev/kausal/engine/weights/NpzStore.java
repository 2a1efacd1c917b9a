package dev.kausal.engine.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The arrays of an {@code .npz}, as numpy.savez and numpy.savez_compressed write it: a zip of {@code NAME.npy} (NumPy's
 * format, versions 1 to 3). Arrays of Python objects are pickles, and refused.
 *
 * <p>What an entry says of its size is checked against its compressed bytes before memory is taken for it.
 */
final class NpzStore implements WeightStore {
    private static final String ENDING = ".npy";
    private static final int MOST_ARRAYS = 1000;
    /** Weights compress by less than two; zeros by a thousand. Entries up to this size may be anything. */
    private static final long ANY_RATIO = 16L << 20;

    private static final int MOST_RATIO = 100;
    private static final int PART = 1 << 16;

    private final Path path;
    private final ZipFile zip;
    private final Map<String, NpyHeader> headers;

    private NpzStore(Path path, ZipFile zip, Map<String, NpyHeader> headers) {
        this.path = path;
        this.zip = zip;
        this.headers = headers;
    }

    static NpzStore open(Path path) {
        ZipFile zip = zip(path);
        try {
            if (zip.size() > MOST_ARRAYS) {
                throw corrupt(path, "the zip", "at most " + MOST_ARRAYS + " arrays", zip.size() + " entries");
            }
            Map<String, NpyHeader> headers = new LinkedHashMap<>();
            for (ZipEntry entry : Collections.list(zip.entries())) {
                String name = entry.getName();
                if (!name.endsWith(ENDING)) {
                    throw corrupt(path, "the zip", "files NAME.npy only", "'" + name + "'");
                }
                String array = name.substring(0, name.length() - ENDING.length());
                headers.put(array, header(path, zip, entry, array));
            }
            return new NpzStore(path, zip, headers);
        } catch (RuntimeException e) {
            close(zip);
            throw e;
        }
    }

    private static ZipFile zip(Path path) {
        try {
            return new ZipFile(path.toFile());
        } catch (ZipException e) {
            throw corrupt(path, "the file", "a zip of .npy files", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
    }

    private static CorruptWeightsException corrupt(Path path, String where, String expected, String found) {
        return new CorruptWeightsException(path, where, expected, found);
    }

    private static NpyHeader header(Path path, ZipFile zip, ZipEntry entry, String name) {
        long size = entry.getSize();
        long packed = entry.getCompressedSize();
        if (size < 0 || packed < 0 || (size > ANY_RATIO && size / MOST_RATIO > packed)) {
            throw corrupt(
                    path,
                    "array '" + name + "'",
                    "weights, which compress at most " + MOST_RATIO + " times",
                    packed + " bytes that claim to be " + size);
        }
        try (InputStream in = zip.getInputStream(entry)) {
            NpyHeader header = NpyHeader.read(path, name, in);
            if (header.itemBytes() > 0 && header.bytes() != size) {
                throw corrupt(
                        path,
                        "array '" + name + "'",
                        header.info().shape() + " of " + header.info().dtype() + ", " + header.bytes() + " bytes",
                        size + " bytes");
            }
            return header;
        } catch (EOFException | ZipException e) {
            throw corrupt(path, "array '" + name + "'", "a whole .npy file", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        headers.forEach((name, header) -> infos.put(name, header.info()));
        return Collections.unmodifiableMap(infos);
    }

    @Override
    public void check(String name) {
        supported(name);
    }

    private NpyHeader supported(String name) {
        NpyHeader header = headers.get(name);
        if (header == null) {
            throw new MissingTensorException(path, name, headers.keySet());
        }
        int item = header.itemBytes();
        long size = header.info().size();
        if (item == 0 || header.fortran() || size > Integer.MAX_VALUE - 8) {
            throw new UnsupportedWeightsException(
                    path,
                    "array '" + name + "'",
                    "at most 2^31 numbers of <f2, <f4 or <f8 in C order",
                    size + " of " + header.info().dtype() + (header.fortran() ? " in Fortran order" : ""));
        }
        return header;
    }

    @Override
    public NDArray read(String name, NDManager manager) {
        NpyHeader header = supported(name);
        int item = header.itemBytes();
        float[] values = new float[(int) header.info().size()];
        try (InputStream in = zip.getInputStream(zip.getEntry(name + ENDING))) {
            in.skipNBytes(header.offset());
            fill(values, in, item);
        } catch (EOFException | ZipException e) {
            throw corrupt(path, "array '" + name + "'", "a whole .npy file", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new WeightsIoException(path, e);
        }
        requireFinite(name, values);
        List<Long> shape = header.info().shape();
        return manager.create(values, new Shape(shape));
    }

    private static void fill(float[] values, InputStream in, int item) throws IOException {
        byte[] bytes = new byte[PART * item];
        ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += PART) {
            int count = Math.min(PART, values.length - from);
            if (in.readNBytes(bytes, 0, count * item) < count * item) {
                throw new EOFException("it ends after number " + from);
            }
            for (int i = 0; i < count; i++) {
                values[from + i] = switch (item) {
                    case Short.BYTES -> Half.at(bytes, i * item);
                    case Float.BYTES -> numbers.getFloat(i * item);
                    default -> (float) numbers.getDouble(i * item);
                };
            }
        }
    }

    private void requireFinite(String name, float[] values) {
        long count = 0;
        long first = -1;
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                count++;
                first = first < 0 ? i : first;
            }
        }
        if (count > 0) {
            throw new NonFiniteWeightsException(path, name, count, values.length, first);
        }
    }

    @Override
    public String sha256() {
        try (WeightsFile file = WeightsFile.open(path)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            file.digest(digest);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform lacks SHA-256", e);
        }
    }

    @Override
    public Map<String, Object> metadata() {
        return Map.of();
    }

    @Override
    public void close() {
        close(zip);
    }

    private static void close(ZipFile zip) {
        try {
            zip.close();
        } catch (IOException e) {
            throw new IllegalStateException("a file that was only read cannot be closed", e);
        }
    }
}
