package dev.kausal.engine.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads changed seeds of a target, the same ones each time, and counts what comes of them. */
public final class Mutants {
    private static final long SLOW_NANOS = 20_000_000_000L;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final FuzzTarget target;
    private final Path folder;
    private final byte[][] seeds;
    private final Map<String, String> failures = new LinkedHashMap<>();
    private int inputs;
    private int accepted;
    private long mostAllocated;

    private Mutants(FuzzTarget target, Path folder) {
        this.target = target;
        this.folder = folder;
        this.seeds = new byte[target.seeds()][];
        Arrays.setAll(seeds, target::seed);
    }

    /** Returns the failures of {@code count} changed files of {@code target} by their place, with the first input at each. */
    public static Map<String, String> failures(FuzzTarget target, int count, Path folder) {
        Mutants mutants = new Mutants(target, folder);
        mutants.warmUp();
        for (int input = 0; input < count; input++) {
            mutants.read(input);
        }
        return mutants.failures;
    }

    /** Reads the valid files, which loads what is loaded once. */
    private void warmUp() {
        for (int seed = 0; seed < seeds.length; seed++) {
            target.read(seed, seeds[seed], folder);
        }
    }

    private void read(int input) {
        int seed = input % seeds.length;
        byte[] content = new Mutations(input).of(seeds[seed]);
        long allocated = allocated();
        long start = THREADS.getCurrentThreadCpuTime();
        try {
            if (target.read(seed, content, folder)) {
                accepted++;
            }
            long nanos = THREADS.getCurrentThreadCpuTime() - start;
            if (nanos > SLOW_NANOS) {
                failures.putIfAbsent("slow", target.title() + " " + input + " takes " + nanos / 1_000_000_000 + " s");
            }
        } catch (RuntimeException | Error e) {
            String place = e.getClass().getName() + place(e);
            failures.computeIfAbsent(place, at -> target.title() + " " + input + " of seed " + seed + ": " + e + at);
        }
        mostAllocated = Math.max(mostAllocated, allocated() - allocated);
        inputs++;
    }

    /** Of this thread, with what is collected since. */
    private static long allocated() {
        return THREADS instanceof com.sun.management.ThreadMXBean threads
                ? threads.getCurrentThreadAllocatedBytes()
                : 0;
    }

    private static String place(Throwable e) {
        return Arrays.stream(e.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("dev.kausal")
                        && !frame.getClassName().contains(".fuzz."))
                .limit(2)
                .map(frame -> " at " + frame)
                .collect(Collectors.joining());
    }

    /**
     * CLASS NAME FIRST COUNT SECONDS FOLDER: reads COUNT inputs of the target, from number FIRST on, but not for more than
     * SECONDS. Prints failures and, in the last line, a summary; ends with 1 if there is a failure. {@code FOLDER/input} holds
     * the number of the input that is being read, for targets that may end the process.
     */
    public static void main(String[] words) throws IOException, ReflectiveOperationException {
        FuzzTarget target = target(words[0], words[1]);
        int first = Integer.parseInt(words[2]);
        int last = first + Integer.parseInt(words[3]);
        Path folder = Files.createDirectories(Path.of(words[5]));
        Mutants mutants = new Mutants(target, folder);
        mutants.warmUp();
        ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
        long start = System.nanoTime();
        long end = start + Long.parseLong(words[4]) * 1_000_000_000;
        try (FileChannel now =
                FileChannel.open(folder.resolve("input"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int input = first; input < last && System.nanoTime() < end; input++) {
                now.write(number.clear().putInt(input).flip(), 0);
                mutants.read(input);
            }
        }
        mutants.report(System.out, (System.nanoTime() - start) / 1e9);
        System.exit(mutants.failures.isEmpty() ? 0 : 1);
    }

    /** Returns the constant NAME of the enum CLASS. */
    static FuzzTarget target(String type, String name) throws ReflectiveOperationException {
        return Arrays.stream(Class.forName(type).getEnumConstants())
                .map(FuzzTarget.class::cast)
                .filter(each -> each.title().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void report(PrintStream out, double seconds) {
        long heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
        failures.values().forEach(failure -> out.println("failure: " + failure));
        out.printf(
                "{\"inputs\": %d, \"accepted\": %d, \"seeds\": %d, \"seconds\": %.1f, \"failures\": %d, \"heap\": %d, \"most\": %d}%n",
                inputs, accepted, seeds.length, seconds, failures.size(), heap, mostAllocated);
    }
}
