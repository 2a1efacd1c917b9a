package dev.kausal.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the driver says of GPUs, and names of devices. */
final class NvidiaGpuTest {
    private static final long MEBI = 1L << 20;

    @Test
    void readsTheDriversLines() {
        String lines = """
                0, NVIDIA A100-SXM4-80GB, 535.161.08, 81920, 81050
                1, NVIDIA GeForce RTX 3090, 550.54, 24576, 512
                """;
        assertEquals(
                List.of(
                        new NvidiaGpu(0, "NVIDIA A100-SXM4-80GB", "535.161.08", 81920 * MEBI, 81050 * MEBI),
                        new NvidiaGpu(1, "NVIDIA GeForce RTX 3090", "550.54", 24576 * MEBI, 512 * MEBI)),
                NvidiaGpu.parse(lines));
        assertEquals(
                "NVIDIA GeForce RTX 3090, 24576 MiB, driver 550.54",
                NvidiaGpu.parse(lines).get(1).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "No devices were found", "0, NVIDIA A100, 535.1, [N/A], [N/A]", "Unable to determine"})
    void otherLinesAreNoGpus(String lines) {
        assertEquals(List.of(), NvidiaGpu.parse(lines));
    }

    @Test
    void devicesHaveTheirNamesInPyTorch() {
        assertEquals(Device.CPU, Device.of("cpu"));
        assertFalse(Device.of("cpu").isGpu());
        assertEquals(Device.of("cuda:0"), Device.of("cuda"));
        Device second = Device.of("cuda:1");
        assertEquals("cuda:1", second.name());
        assertEquals(1, second.memory().getDeviceId());
        assertTrue(second.isGpu());
        assertEquals(Tuning.CUDA, second.tuning());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "CUDA", "cuda:", "cuda:x", "cuda:-1", "cuda:1234", "cpu:0", "mps"})
    void otherNamesAreRefused(String name) {
        UnknownDeviceException mistake = assertThrows(UnknownDeviceException.class, () -> Device.of(name));
        assertEquals(
                "Expected a device such as cpu, cuda (the first GPU) or cuda:1; found '" + name
                        + "'. Use one of these.",
                mistake.getMessage());
    }
}
