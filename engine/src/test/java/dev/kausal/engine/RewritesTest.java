package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.EdgeFromRun;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.GaussianNoise;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.RandomMove;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.Probability;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Cost;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.plan.rewrite.Rewrites;
import dev.kausal.engine.tensor.Tuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What each rewrite makes of a sweep, as text beside src/test/resources/plans; and plans' bounds. */
final class RewritesTest {
    private static final int[] CLEAN = {3, 17, 42, 5, 28};
    private static final int[] CORRUPTED = {3, 9, 42, 5, 28};
    private static final Metric DIFFERENCE = new LogitDifference(7, 11);
    private static ModelConfig tiny;
    private static HookPoints points;

    @BeforeAll
    static void open() {
        try (ModelSource source = ModelSource.open(Path.of("src/test/resources/tiny/llama"))) {
            tiny = source.config();
            points = source.points();
        }
    }

    private static Cell patch(int layer, int position) {
        PositionRange at = PositionRange.at(position);
        Edit edit = new Edit("blocks." + layer + ".hook_resid_pre", at, Part.ALL, new FromRun(0, at));
        return new Cell(1, List.of(edit), DIFFERENCE);
    }

    private static List<Run> pair() {
        return List.of(new Run(CLEAN, List.of()), new Run(CORRUPTED, List.of()));
    }

    @Test
    void residualPatching() throws IOException {
        List<Cell> cells =
                new ArrayList<>(List.of(new Cell(0, List.of(), DIFFERENCE), new Cell(1, List.of(), DIFFERENCE)));
        IntStream.range(0, 3)
                .forEach(layer -> IntStream.range(0, 5).forEach(position -> cells.add(patch(layer, position))));
        golden("residual-patching", new SweepPlan(pair(), cells));
    }

    @Test
    void zeroAblationOfHeadsTwice() throws IOException {
        List<Cell> cells = new ArrayList<>();
        for (int twice = 0; twice < 2; twice++) {
            for (int layer = 0; layer < 3; layer++) {
                for (int head = 0; head < 4; head++) {
                    String site = "blocks." + layer + ".attn.hook_z";
                    Edit edit = new Edit(site, PositionRange.ALL, new Part.Head(head), new Zero());
                    cells.add(new Cell(twice, List.of(edit), DIFFERENCE));
                }
            }
        }
        // The second run is the first one again.
        List<Run> runs = List.of(new Run(CLEAN, List.of()), new Run(CLEAN.clone(), List.of()));
        golden("zero-ablation-twice", new SweepPlan(runs, cells));
    }

    @Test
    void noiseWindowsAndWholeStreams() throws IOException {
        Run noised = new Run(
                CLEAN, List.of(new Edit("hook_embed", new PositionRange(1, 2), Part.ALL, new GaussianNoise(0.1, 7))));
        List<Run> runs = new ArrayList<>(pair());
        runs.add(noised);
        Replacement fromClean = new FromRun(0, PositionRange.ALL);
        List<Edit> window = IntStream.range(0, 2)
                .mapToObj(layer -> new Edit(
                        "blocks." + layer + ".hook_mlp_out",
                        PositionRange.at(2),
                        Part.ALL,
                        new FromRun(0, PositionRange.at(2))))
                .toList();
        Edit whole = new Edit("blocks.1.hook_resid_pre", PositionRange.ALL, Part.ALL, fromClean);
        Edit again = new Edit("blocks.2.attn.hook_z", PositionRange.ALL, Part.ALL, fromClean);
        Edit last = new Edit("blocks.2.hook_mlp_out", PositionRange.at(0), Part.ALL, new Zero());
        List<Cell> cells = List.of(
                new Cell(2, window, DIFFERENCE),
                new Cell(1, List.of(whole), DIFFERENCE),
                new Cell(1, List.of(whole, again), DIFFERENCE),
                new Cell(1, List.of(last), new Probability(7)),
                new Cell(1, List.of(last), new Loss()));
        golden("noise-windows-whole-streams", new SweepPlan(runs, cells));
    }

    /** Rows before the first different token carry no change, along a path too; an edge from the own run none at all. */
    @Test
    void patchedEdges() throws IOException {
        List<Run> runs = new ArrayList<>(pair());
        runs.add(runs.get(0).with(List.of(edge("blocks.1.hook_q_input", 2, 1, "blocks.0.attn.hook_result", 1))));
        List<Cell> cells = List.of(
                new Cell(0, List.of(edge("blocks.1.hook_q_input", 0, 1, "blocks.0.attn.hook_result", 1)), DIFFERENCE),
                new Cell(0, List.of(edge("blocks.1.hook_k_input", 0, 1, "blocks.0.attn.hook_result", 1)), DIFFERENCE),
                new Cell(0, List.of(edge("blocks.2.hook_v_input", 1, 2, "blocks.1.attn.hook_result", 2)), DIFFERENCE),
                new Cell(0, List.of(edge("blocks.2.hook_v_input", 1, 0, "blocks.1.attn.hook_result", 2)), DIFFERENCE));
        golden("patched-edges", new SweepPlan(runs, cells));
    }

    /** An edge of run 0 from a head to a head's input, which carries run {@code from}. */
    private static Edit edge(String reader, int readerHead, int from, String writer, int head) {
        EdgeFromRun value = new EdgeFromRun(
                new FromRun(from, PositionRange.ALL),
                new FromRun(0, PositionRange.ALL),
                points.named(writer),
                new Part.Head(head));
        return new Edit(reader, PositionRange.ALL, new Part.Head(readerHead), value);
    }

    private static void golden(String name, SweepPlan sweep) throws IOException {
        Rewrites.Compiled compiled = Rewrites.within(1L << 30, 1, Tuning.CPU).explained(sweep, points, new Sizes(tiny));
        String text = text(compiled);
        Path found = Files.createDirectories(Path.of("target/plans")).resolve(name + ".txt");
        Files.writeString(found, text);
        Path expected = Path.of("src/test/resources/plans", name + ".txt");
        assertEquals(Files.readString(expected), text, () -> expected + " differs from " + found);
    }

    private static String text(Rewrites.Compiled compiled) {
        StringBuilder text = new StringBuilder();
        text.append(row("one whole pass per cell", compiled.before()));
        compiled.steps().forEach(step -> text.append(row(step.rewrite().name(), step.cost())));
        for (CompiledPlan.Batch batch : compiled.plan().batches()) {
            text.append("batch on runs ").append(batch.runs()).append('\n');
            for (List<Integer> group : batch.groups()) {
                text.append("  group\n");
                group.forEach(cell ->
                        text.append("    ").append(cell(compiled.plan().cells().get(cell))));
            }
        }
        return text.toString();
    }

    private static String row(String name, Cost cost) {
        return String.format(
                Locale.ROOT,
                "%-46s %3d passes %4d rows x layers %5.0f rows x tokens%n",
                name,
                cost.passes(),
                cost.rowLayers(),
                cost.unembedded());
    }

    private static String cell(PlannedCell cell) {
        DirtyRows rows = cell.rows();
        String layers = IntStream.range(0, 3)
                .filter(rows::in)
                .mapToObj(layer -> "L" + layer + Arrays.toString(rows.keys(layer))
                        + (Arrays.equals(rows.keys(layer), rows.queries(layer))
                                ? ""
                                : "->" + Arrays.toString(rows.queries(layer))))
                .collect(Collectors.joining(" "));
        String answers =
                cell.readings().stream().map(reading -> "" + reading.cell()).collect(Collectors.joining(","));
        return "run " + cell.run()
                + (cell.rebased() == null
                        ? ""
                        : " (instead of " + cell.rebased().from() + ")")
                + ", " + cell.edits().size() + " edits: " + (rows.clean() ? "the base run" : layers) + " for " + answers
                + "\n";
    }

    private static Rewrites.Compiled residualPatching(long budget, int threads, Metric metric) {
        List<Cell> cells = new ArrayList<>();
        for (int layer = 0; layer < 3; layer++) {
            for (int position = 0; position < 64; position++) {
                cells.add(new Cell(1, patch(layer, position).edits(), metric));
            }
        }
        int[] clean = IntStream.range(0, 64).toArray();
        int[] corrupted = clean.clone();
        corrupted[0] = 600;
        List<Run> runs = List.of(new Run(clean, List.of()), new Run(corrupted, List.of()));
        return Rewrites.within(budget, threads, Tuning.CPU).explained(new SweepPlan(runs, cells), points, smol());
    }

    @Test
    void groupsAtOnceHaveAboutAsMuchToDo() {
        assertEquals(1, residualPatching(1L << 32, 1, DIFFERENCE).plan().lanes());
        CompiledPlan plan = residualPatching(1L << 32, 4, DIFFERENCE).plan();
        assertEquals(4, plan.lanes());
        List<List<Integer>> groups = plan.batches().get(0).groups();
        assertEquals(0, groups.size() % 4, groups.size() + " groups");
        List<Long> work = groups.stream()
                .map(group -> group.stream()
                        .mapToLong(cell -> plan.cells().get(cell).rows().rowLayers())
                        .sum())
                .sorted()
                .toList();
        assertTrue(work.get(work.size() - 1) < 1.2 * work.get(0), "work of the groups: " + work);
    }

    @Test
    void groupsAtOnceShareTheBudget() {
        long budget = 50_000_000;
        for (int threads : new int[] {1, 4}) {
            Rewrites.Compiled compiled = residualPatching(budget, threads, DIFFERENCE);
            long peak = compiled.steps().get(compiled.steps().size() - 1).cost().peakBytes();
            assertEquals(threads, compiled.plan().lanes());
            assertTrue(peak <= smol().weightBytes() + budget, threads + " threads: " + peak);
        }
        assertEquals(1, residualPatching(5_000_000, 4, DIFFERENCE).plan().lanes(), "no room for two cells at once");
    }

    @Test
    void functionsOfAScriptAreNotCalledByTwoThreads() {
        Metric function = new ScriptMetric(logits -> 0);
        assertEquals(1, residualPatching(1L << 32, 4, function).plan().lanes());
        Replacement halved = new ScriptFunction(x -> x.mul(0.5f));
        for (Replacement value : List.of(halved, new RandomMove(halved, 1))) {
            Edit edit = new Edit("blocks.1.hook_mlp_out", PositionRange.ALL, Part.ALL, value);
            SweepPlan sweep = new SweepPlan(pair(), List.of(new Cell(0, List.of(edit), DIFFERENCE)));
            Rewrites rewrites = Rewrites.within(1L << 32, 4, Tuning.CPU);
            assertEquals(1, rewrites.compile(sweep, points, new Sizes(tiny)).lanes());
        }
    }

    /** SmolLM2-135M's sizes. */
    private static Sizes smol() {
        return new Sizes(new ModelConfig(
                "llama",
                30,
                9,
                3,
                576,
                64,
                1536,
                49152,
                8192,
                1e-5,
                tiny.activation(),
                true,
                tiny.block(),
                tiny.attention(),
                tiny.embedding(),
                tiny.head()));
    }

    @Test
    void aLongPromptFitsTheBudget() {
        int[] clean = IntStream.range(0, 512).toArray();
        int[] corrupted = clean.clone();
        corrupted[0] = 600;
        List<Cell> cells = new ArrayList<>();
        for (int layer = 0; layer < 3; layer++) {
            for (int position = 0; position < 512; position++) {
                cells.add(patch(layer, position));
            }
        }
        SweepPlan sweep = new SweepPlan(List.of(new Run(clean, List.of()), new Run(corrupted, List.of())), cells);
        Rewrites.Compiled compiled =
                Rewrites.within(2_500_000_000L, 2, Tuning.CPU).explained(sweep, points, smol());
        Cost cost = compiled.steps().get(compiled.steps().size() - 1).cost();
        assertTrue(cost.peakBytes() < 4_000_000_000L, "peak " + cost.peakBytes());
        assertTrue(cost.groups() > 1);
        Cost smaller = Rewrites.within(300_000_000L, 2, Tuning.CPU)
                .explained(sweep, points, smol())
                .steps()
                .get(compiled.steps().size() - 1)
                .cost();
        assertTrue(smaller.groups() > cost.groups(), smaller.groups() + " groups");
        assertTrue(smaller.peakBytes() < cost.peakBytes(), "peak " + smaller.peakBytes());
        assertEquals(cost.rowLayers(), smaller.rowLayers());
    }
}
