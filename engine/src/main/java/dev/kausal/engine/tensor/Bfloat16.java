package dev.kausal.engine.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether the processor multiplies bfloat16 numbers itself (AVX512_BF16 or AMX).
 *
 * <p>If it does not, products of rounded numbers are computed in float32, which has the same rounding and takes
 * slightly longer than without any.
 */
public final class Bfloat16 {
    private static final Set<String> INSTRUCTIONS = Set.of("avx512_bf16", "amx_bf16");
    /** Settings that limit the instructions of the native library. */
    private static final Set<String> SETTINGS = Set.of("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA");

    private static final String CAPABILITY = "ATEN_CPU_CAPABILITY";

    private static final boolean IN_PROCESSOR = inProcessor(instructions(Path.of("/proc/cpuinfo")), System.getenv());

    private Bfloat16() {}

    /** Returns whether this process uses such instructions. */
    public static boolean inProcessor() {
        return IN_PROCESSOR;
    }

    /**
     * Returns whether a process uses such instructions.
     *
     * @param instructions names as in {@code /proc/cpuinfo}
     * @param environment environment of the process
     */
    static boolean inProcessor(Set<String> instructions, Map<String, String> environment) {
        boolean limited = SETTINGS.stream()
                .map(environment::get)
                .anyMatch(limit -> limit != null && !allowing(limit.toUpperCase(Locale.ROOT)));
        String capability = environment.getOrDefault(CAPABILITY, "avx512");
        return !limited
                && capability.toLowerCase(Locale.ROOT).startsWith("avx512")
                && INSTRUCTIONS.stream().anyMatch(instructions::contains);
    }

    private static boolean allowing(String limit) {
        return limit.equals("DEFAULT")
                || limit.startsWith("AVX10")
                || limit.startsWith("AVX512_CORE_BF16")
                || limit.startsWith("AVX512_CORE_FP16")
                || limit.startsWith("AVX512_CORE_AMX");
    }

    /** Returns the instruction sets in a file like {@code /proc/cpuinfo}; none if there is no such file. */
    static Set<String> instructions(Path file) {
        if (!Files.isReadable(file)) {
            return Set.of();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line ->
                            Set.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+")))
                    .orElse(Set.of());
        } catch (IOException e) {
            return Set.of();
        }
    }
}
