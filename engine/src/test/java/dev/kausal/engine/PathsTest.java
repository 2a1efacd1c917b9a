package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.EdgeFromRun;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths, and edges patched together, against bench/edges.py in both directions. */
@ExtendWith(NoOpenArrays.class)
final class PathsTest {
    private record Patched(List<String> edges, double noising, double denoising) {}

    private record Case(String model, double clean, double corrupted, List<Patched> paths, List<Patched> together) {}

    private record Reference(int[] clean, int[] corrupted, int answer, int foil, List<Case> cases) {}

    /** Plans over the two runs of a reference. */
    private static final class Plan {
        private final HookedModel model;
        private final EdgeGraph graph;
        private final LogitDifference metric;
        private final List<Run> runs = new ArrayList<>();
        private final List<Cell> cells = new ArrayList<>();

        Plan(HookedModel model, Reference all) {
            this.model = model;
            this.graph = new EdgeGraph(model.config());
            this.metric = new LogitDifference(all.answer(), all.foil());
            runs.add(new Run(Input.tokens(all.clean()), List.of()));
            runs.add(new Run(Input.tokens(all.corrupted()), List.of()));
        }

        private Edit edit(String label, int other, int own) {
            int edge = graph.find(label).orElseThrow();
            Port reader = graph.readers().get(graph.reader(edge)).port();
            Port writer = graph.output(graph.writer(edge));
            EdgeFromRun value = new EdgeFromRun(
                    new FromRun(other, PositionRange.ALL),
                    new FromRun(own, PositionRange.ALL),
                    model.points().named(writer.site()),
                    writer.part());
            return new Edit(reader.site(), PositionRange.ALL, reader.part(), value);
        }

        /** Adds a cell of run {@code to} in which only this path carries {@code from}. */
        void along(List<String> path, int from, int to) {
            int other = from;
            for (String edge : path.subList(0, path.size() - 1)) {
                runs.add(runs.get(to).with(List.of(edit(edge, other, to))));
                other = runs.size() - 1;
            }
            cells.add(new Cell(to, List.of(edit(path.get(path.size() - 1), other, to)), metric));
        }

        /** Adds a cell of run {@code to} in which these edges carry {@code from}, whatever the others of them change. */
        void together(List<String> edges, int from, int to) {
            List<Edit> made = new ArrayList<>();
            edges.stream()
                    .sorted(Comparator.comparingInt(edge -> graph.find(edge).orElseThrow()))
                    .forEach(edge -> {
                        runs.add(runs.get(to).with(before(edge, made)));
                        made.add(edit(edge, from, runs.size() - 1));
                    });
            cells.add(new Cell(to, made, metric));
        }

        /** Returns the edits before what an edge's writer puts out. */
        private List<Edit> before(String edge, List<Edit> made) {
            String writer =
                    graph.output(graph.writer(graph.find(edge).orElseThrow())).site();
            int place = model.points().named(writer).index();
            return made.stream()
                    .filter(edit -> model.points().named(edit.site()).index() < place)
                    .toList();
        }

        List<CellOutcome> run(Executor executor) {
            return executor.execute(model, new SweepPlan(runs, cells), done -> {});
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void pathsAndSetsOfEdgesAreThoseOfPlainHooks(String name) throws Exception {
        Reference all = new Gson()
                .fromJson(Files.readString(Path.of("src/test/resources/analysis/edges.json")), Reference.class);
        Case expected = all.cases().stream()
                .filter(one -> one.model().equals(name))
                .findFirst()
                .orElseThrow();
        List<Patched> patched = Stream.concat(expected.paths().stream(), expected.together().stream())
                .toList();
        double scale = patched.stream()
                .flatMapToDouble(one ->
                        DoubleStream.of(one.noising() - expected.clean(), one.denoising() - expected.corrupted()))
                .map(Math::abs)
                .max()
                .orElseThrow();
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Plan plan = new Plan(model, all);
            for (Patched one : patched) {
                for (int from = 1; from >= 0; from--) {
                    if (expected.paths().contains(one)) {
                        plan.along(one.edges(), from, 1 - from);
                    } else {
                        plan.together(one.edges(), from, 1 - from);
                    }
                }
            }
            for (Executor executor : List.of(new PlainExecutor(), new BatchedExecutor(1L << 26))) {
                List<CellOutcome> found = plan.run(executor);
                for (int i = 0; i < patched.size(); i++) {
                    String where = patched.get(i).edges() + " by " + executor.name();
                    double noising = found.get(2 * i).value();
                    double denoising = found.get(2 * i + 1).value();
                    assertEquals(patched.get(i).noising(), noising, 1e-5 * scale, where);
                    assertEquals(patched.get(i).denoising(), denoising, 1e-5 * scale, where);
                }
            }
        }
    }
}
