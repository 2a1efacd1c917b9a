package dev.kausal.engine.source;

import ai.djl.engine.Engine;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.NvidiaGpu;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes devices usable: a GPU needs PyTorch's CUDA libraries, which must be chosen before anything loads PyTorch. */
public final class Devices {
    private Devices() {}

    /**
     * Checks that {@code device} can be used, and lets PyTorch be loaded from the CUDA libraries if it is a GPU.
     *
     * @return the GPU; empty for the processor
     * @throws GpuUnavailable if there is no such GPU, or no driver
     * @throws CudaLibrariesMissing if the libraries were not fetched
     */
    public static Optional<NvidiaGpu> ready(Device device, SourceContext context) {
        if (!device.isGpu()) {
            return Optional.empty();
        }
        NvidiaGpu gpu = gpu(device);
        Path libraries = CudaLibraries.cached(context)
                .orElseThrow(() -> new CudaLibrariesMissing(
                        device.name(), context.cacheDir().toString()));
        Torch.loadFrom(libraries, CudaLibraries.FLAVOUR);
        Torch.inference();
        int usable = Engine.getEngine("PyTorch").getGpuCount();
        if (usable <= device.memory().getDeviceId()) {
            throw new GpuUnavailable(
                    device.name(),
                    "PyTorch finds " + usable
                            + " usable GPUs; its CUDA 12 needs driver 525 or newer, and this machine has "
                            + gpu.driver());
        }
        return Optional.of(gpu);
    }

    /**
     * Returns the GPU of a device, as its driver describes it; loads no library.
     *
     * @throws GpuUnavailable if there is no such GPU, or no driver
     */
    public static NvidiaGpu gpu(Device device) {
        List<NvidiaGpu> gpus = NvidiaGpu.list();
        if (gpus.isEmpty()) {
            throw new GpuUnavailable(
                    device.name(), "nvidia-smi, which comes with NVIDIA's driver, does not run here or lists no GPU");
        }
        return gpus.stream()
                .filter(gpu -> gpu.index() == device.memory().getDeviceId())
                .findFirst()
                .orElseThrow(() -> new GpuUnavailable(
                        device.name(),
                        "GPUs here: " + gpus.stream().map(NvidiaGpu::toString).toList()));
    }
}
