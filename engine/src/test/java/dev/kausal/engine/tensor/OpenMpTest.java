package dev.kausal.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenMpTest {
    private static final long SECOND = 1_000_000_000;

    private static ProcessorTime time(double seconds, double machine, double own) {
        return new ProcessorTime((long) (seconds * SECOND), (long) (machine * SECOND), (long) (own * SECOND));
    }

    @Test
    void aMachineIsIdleIfNoOtherProcessUsesItsProcessors() {
        ProcessorTime began = time(10, 500, 2);
        assertTrue(OpenMp.idle(began, time(12, 502.1, 4)), "only this process was busy");
        assertFalse(OpenMp.idle(began, time(12, 504, 4)), "another one used one processor");
        assertFalse(OpenMp.idle(began, time(10.05, 500.05, 2.05)), "too short to tell");
    }

    @Test
    void busyTimeIsThatOfTheCountersFirstLine() {
        String counters = "cpu  100 20 30 4000 500 6 7 8 9 10\ncpu0 50 10 15 2000 250 3 3 4 4 5\n";
        assertEquals((100 + 20 + 30 + 6 + 7 + 8) * SECOND / 100, ProcessorTime.busy(counters));
    }

    @Test
    void timesOfThisProcessArePartOfTheMachines() {
        ProcessorTime before = ProcessorTime.now().orElseThrow();
        long sum = 0;
        while (System.nanoTime() - before.nanos() < SECOND / 2) {
            sum += before.hashCode();
        }
        ProcessorTime now = ProcessorTime.now().orElseThrow();
        assertTrue(now.own() > before.own() && now.machine() > before.machine(), "counters rise, after " + sum);
        // Counters have a resolution of 0.01 s per processor.
        assertTrue(now.othersSince(before) > -0.2, "others cannot use less than nothing: " + now.othersSince(before));
    }

    /** Loads the native library. */
    static final class Loading {
        public static void main(String[] arguments) {
            Torch.inference();
        }
    }

    private static String waiting(Map<String, String> more) throws IOException, InterruptedException {
        ProcessBuilder started = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Loading.class.getName());
        started.environment().keySet().removeIf(name -> name.contains("OMP_"));
        started.environment().put("OMP_DISPLAY_ENV", "verbose");
        started.environment().putAll(more);
        Process process = started.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said.toUpperCase(Locale.ROOT);
    }

    @Test
    void theNativeLibraryReadsTheChoice() throws Exception {
        String chosen = waiting(Map.of());
        assertTrue(
                chosen.contains("GOMP_SPINCOUNT = '2000'") && chosen.contains("OMP_WAIT_POLICY = 'PASSIVE'"), chosen);
    }

    @Test
    void theUsersChoiceStands() throws Exception {
        String chosen = waiting(Map.of("GOMP_SPINCOUNT", "77"));
        assertTrue(chosen.contains("GOMP_SPINCOUNT = '77'"), chosen);
    }
}
