package dev.kausal.engine.fuzz;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** Seeds of a parser with changes. Also a program, for a parser that may end its process. */
final class Mutants {
    private Mutants() {}

    /** Gives {@code check} the names of {@code count} changed files, and what reads each. */
    static void read(Parser parser, int count, Path folder, BiConsumer<String, Runnable> check) {
        List<Path> seeds = parser.seeds();
        for (int i = 0; i < count; i++) {
            Path seed = seeds.get(i % seeds.size());
            byte[] changed = new Mutations(i).of(parser.seed(seed));
            Path file = parser.place(seed, changed, folder.resolve(parser + "-" + i % seeds.size()));
            check.accept(parser + " " + i + " of " + seed, () -> parser.readStrange(file));
        }
    }

    /** PARSER COUNT FOLDER: reads all, prints each failure at another place, and ends with 1 if there is one. */
    public static void main(String[] words) {
        Set<String> places = new HashSet<>();
        String[] last = {""};
        Thread told = new Thread(() -> System.out.println("ended at " + last[0]));
        Runtime.getRuntime().addShutdownHook(told);
        read(Parser.valueOf(words[0]), Integer.parseInt(words[1]), Path.of(words[2]), (name, read) -> {
            last[0] = name;
            try {
                read.run();
            } catch (RuntimeException | Error e) {
                if (places.add(e.getClass() + place(e))) {
                    System.out.println(name + ": " + e + place(e));
                }
            }
        });
        System.exit(places.isEmpty() ? 0 : 1);
    }

    private static String place(Throwable e) {
        return Arrays.stream(e.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("dev.kausal"))
                .limit(2)
                .map(frame -> " at " + frame)
                .collect(Collectors.joining());
    }
}
