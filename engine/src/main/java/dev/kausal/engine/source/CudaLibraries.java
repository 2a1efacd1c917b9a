package dev.kausal.engine.source;

import com.google.gson.Gson;
import dev.kausal.engine.tensor.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** PyTorch for NVIDIA GPUs: the libraries of the wheels that Python users install, of the version that DJL needs. */
public final class CudaLibraries {
    /** DJL's name of its own library for CUDA 12; that of PyTorch may be of another minor version. */
    static final String FLAVOUR = "cu128";

    private static final String SHELF = "libraries";
    // Wheels of CPython 3.12: none of the extracted libraries depends on Python.
    private static final List<String> CHOICE = List.of(
            "--python-version",
            "3.12",
            "--implementation",
            "cp",
            "--abi",
            "cp312",
            "--abi",
            "none",
            "--platform",
            "manylinux_2_28_x86_64",
            "--platform",
            "manylinux2014_x86_64");

    private record Wheel(String name, String version, List<CatalogFile> files) {}

    private CudaLibraries() {}

    /** Returns the packages and their files. */
    public static CatalogEntry entry() {
        try (InputStream in = Objects.requireNonNull(
                        CudaLibraries.class.getResourceAsStream("cuda-libraries.json"), "cuda-libraries.json");
                InputStreamReader text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            List<CatalogPackage> packages = List.of(new Gson().fromJson(text, Wheel[].class)).stream()
                    .map(wheel -> new CatalogPackage(wheel.name(), wheel.version(), CHOICE, wheel.files()))
                    .toList();
            return new CatalogEntry(
                    "pytorch-" + Torch.VERSION + "-cuda",
                    packages,
                    "torch/lib",
                    "PyTorch " + Torch.VERSION + " for NVIDIA GPUs",
                    "BSD-3-Clause; NVIDIA's licences for its libraries");
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Cannot fail: it is a resource of the jar.
        }
    }

    /** Returns the folder of the libraries, fetching them unless the cache has them completely. */
    public static Path pull(SourceContext context) {
        return new Puller(context.downloader(), SHELF).pull(entry(), context.cacheDir(), context.progress());
    }

    /** Returns the folder of the libraries if the cache has them completely; fetches nothing. */
    public static Optional<Path> cached(SourceContext context) {
        return new Puller(context.downloader(), SHELF).cached(entry(), context.cacheDir());
    }
}
