package dev.kausal.engine.tensor;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A GPU as NVIDIA's driver describes it.
 *
 * @param index number of the GPU, from 0
 * @param model such as {@code NVIDIA A100-SXM4-80GB}
 * @param driver the driver's version
 * @param totalBytes memory of the GPU
 * @param freeBytes memory that no process uses
 */
public record NvidiaGpu(int index, String model, String driver, long totalBytes, long freeBytes) {
    private static final long MEBI = 1L << 20;
    private static final Pattern LINE = Pattern.compile("\\s*(\\d+), (.+), ([0-9.]+), (\\d+), (\\d+)\\s*");

    /** Returns the GPUs of this machine; none without the driver, whose tool nvidia-smi is asked. */
    public static List<NvidiaGpu> list() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi",
                            "--query-gpu=index,name,driver_version,memory.total,memory.free",
                            "--format=csv,noheader,nounits")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                List<NvidiaGpu> found = parse(output.lines().collect(Collectors.joining("\n")));
                return process.waitFor() == 0 ? found : List.of();
            } finally {
                process.destroy();
            }
        } catch (IOException e) {
            return List.of(); // There is no such program.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Returns the GPUs of nvidia-smi's lines, with sizes in MiB; others, such as those of a lost GPU, are left out. */
    static List<NvidiaGpu> parse(String lines) {
        return lines.lines().map(NvidiaGpu::line).flatMap(Optional::stream).toList();
    }

    private static Optional<NvidiaGpu> line(String line) {
        Matcher values = LINE.matcher(line);
        return values.matches()
                ? Optional.of(new NvidiaGpu(
                        Integer.parseInt(values.group(1)),
                        values.group(2),
                        values.group(3),
                        MEBI * Long.parseLong(values.group(4)),
                        MEBI * Long.parseLong(values.group(5))))
                : Optional.empty();
    }

    /** Returns model, memory and driver. */
    @Override
    public String toString() {
        return model + ", " + totalBytes / MEBI + " MiB, driver " + driver;
    }
}
