package dev.kausal.engine.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guide's tables of hook points name the axes that the points have. */
final class HookTablesTest {
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    @ParameterizedTest
    @CsvSource({
        "docs/guide/from-transformerlens.md, | name | shape |, 0, 1, 20",
        "docs/guide/words/interventions.md, | site | axes | hook point |, 2, 1, 17"
    })
    void guideNamesTheAxes(String page, String header, int names, int axes, int least) throws IOException {
        int checked = 0;
        for (String[] row : table(Path.of("..", page), header)) {
            for (HookKind kind : kinds(row[names])) {
                assertEquals(axes(kind), stated(row[axes]), kind + " in " + page);
                checked++;
            }
        }
        assertTrue(checked >= least, page + " has a table of " + checked);
    }

    private static List<String[]> table(Path page, String header) throws IOException {
        return Files.readAllLines(page).stream()
                .dropWhile(line -> !line.equals(header))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toArray(String[]::new))
                .toList();
    }

    /** Names after the first may leave out what they share with it. */
    private static List<HookKind> kinds(String cell) {
        List<HookKind> kinds = new ArrayList<>();
        String prefix = "";
        for (Matcher name = NAME.matcher(cell); name.find(); ) {
            String found = name.group(1).replace("blocks.L.", "blocks.0.");
            String shared = prefix;
            kinds.add(List.of(found, shared + found, "blocks.0." + found).stream()
                    .map(HookTablesTest::named)
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no hook point " + found)));
            prefix = found.startsWith("blocks.") ? found.substring(0, found.lastIndexOf('.') + 1) : prefix;
        }
        return kinds;
    }

    private static Optional<HookKind> named(String name) {
        return Arrays.stream(HookKind.values())
                .filter(kind -> kind.name(0).equals(name))
                .findFirst();
    }

    private static String axes(HookKind kind) {
        return kind.axes().stream().map(Axis::label).collect(Collectors.joining(", "));
    }

    /** Axes up to the remark behind them, without the batch axis. */
    private static String stated(String cell) {
        return cell.replaceFirst("[:;].*", "").replace("*", "").replaceFirst("^batch, ", "");
    }
}
