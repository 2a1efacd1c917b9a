package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.ProjectedOut;
import dev.kausal.engine.edits.Subspace;
import dev.kausal.engine.edits.SubspaceFromRun;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Edits along directions, against sums over single units written by hand. */
@ExtendWith(NoOpenArrays.class)
final class SubspaceEditsTest {
    private static final int[] CLEAN = {3, 17, 42, 5, 28};
    private static final int[] CORRUPTED = {3, 9, 42, 5, 28};
    private static HookedModel model;

    @BeforeAll
    static void open() {
        model = HookedModel.open(Path.of("src/test/resources/tiny/llama"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    static Stream<Executor> executors() {
        return Stream.of(new PlainExecutor(), new BatchedExecutor(1L << 30), new BatchedExecutor(20_000));
    }

    @Test
    void aBasisIsOrthonormalAndLeavesOutWhatIsInItsSpan() {
        Subspace plane = Subspace.of(List.of(List.of(3f, 0f, 4f), List.of(6f, 0f, 8f), List.of(1f, 2f, 0f)));
        assertEquals(2, plane.rank());
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                double product = 0;
                for (int unit = 0; unit < 3; unit++) {
                    product += plane.basis().get(i).get(unit)
                            * plane.basis().get(j).get(unit);
                }
                assertEquals(i == j ? 1 : 0, product, 1e-6);
            }
        }
        assertEquals(0, Subspace.of(List.of(List.of(0f, 0f))).rank());
        assertThrows(IllegalArgumentException.class, () -> Subspace.of(List.of()));
        assertThrows(IllegalArgumentException.class, () -> Subspace.of(List.of(List.of(1f, 0f), List.of(1f))));
    }

    @ParameterizedTest
    @MethodSource("executors")
    void aDirectionIsProjectedOutAtItsPositionsAndHead(Executor executor) {
        String site = "blocks.1.attn.hook_z";
        var rows = new PositionRange(1, 3);
        float[] direction = vector(model.config().dHead(), 1);
        var edit = new Edit(site, rows, new Part.Head(2), new ProjectedOut(span(direction)));
        var hand = byHand(Map.of(site, x -> {
            for (int row = 1; row <= 3; row++) {
                projectOut(x, row, 2, direction);
            }
            return x;
        }));
        CellOutcome outcome = run(executor, edit);
        assertEquals(hand, outcome.value(), 1e-5);
        assertEquals(1, outcome.fired());
        assertTrue(outcome.largestChange() > 0.01);
        // Without the direction, a second projection has nothing to remove.
        assertEquals(hand, run(executor, edit, edit).value(), 1e-5);
    }

    @ParameterizedTest
    @MethodSource("executors")
    void aDirectionIsProjectedOutOfEveryWriterAndStream(Executor executor) {
        float[] direction = vector(model.config().dModel(), 2);
        List<Edit> edits = new ArrayList<>();
        Map<String, UnaryOperator<NDArray>> hooks = new HashMap<>();
        for (HookPoint point : model.points().all()) {
            if (List.of(HookKind.RESID_PRE, HookKind.ATTN_OUT, HookKind.MLP_OUT).contains(point.kind())) {
                edits.add(new Edit(point.name(), PositionRange.ALL, Part.ALL, new ProjectedOut(span(direction))));
                hooks.put(point.name(), x -> {
                    for (int row = 0; row < CLEAN.length; row++) {
                        projectOut(x, row, -1, direction);
                    }
                    return x;
                });
            }
        }
        CellOutcome outcome = run(executor, edits.toArray(Edit[]::new));
        assertEquals(byHand(hooks), outcome.value(), 1e-5);
        assertEquals(3 * model.config().layers(), outcome.fired());
        assertNotEquals(run(executor).value(), outcome.value(), 1e-3);
    }

    @ParameterizedTest
    @MethodSource("executors")
    void aSubspaceIsExchangedAndItsComplementKept(Executor executor) {
        String site = "blocks.1.hook_resid_pre";
        int width = model.config().dModel();
        float[] first = vector(width, 3);
        // At right angles to the first, so that the plane is projected on direction by direction.
        float[] second = vector(width, 4);
        double along = dot(first, second) / dot(first, first);
        for (int i = 0; i < width; i++) {
            second[i] -= (float) along * first[i];
        }
        float[] other = activation(CORRUPTED, site);
        var hand = byHand(Map.of(site, x -> {
            for (int row = 1; row <= 2; row++) {
                for (float[] direction : List.of(first, second)) {
                    double change = 0;
                    for (int i = 0; i < width; i++) {
                        change += (other[row * width + i] - x.getFloat(0, row, i)) * direction[i];
                    }
                    for (int i = 0; i < width; i++) {
                        double moved = x.getFloat(0, row, i) + change / dot(direction, direction) * direction[i];
                        x.set(new NDIndex("0," + row + "," + i), (float) moved);
                    }
                }
            }
            return x;
        }));
        var rows = new PositionRange(1, 2);
        var exchange = new SubspaceFromRun(new FromRun(1, rows), span(second, first));
        CellOutcome outcome = run(executor, new Edit(site, rows, Part.ALL, exchange));
        assertEquals(hand, outcome.value(), 1e-5);
        assertNotEquals(run(executor).value(), outcome.value(), 1e-4);
        // A basis of all dimensions exchanges everything.
        List<float[]> all = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            all.add(vector(width, 10 + i));
        }
        var everything = new SubspaceFromRun(new FromRun(1, PositionRange.ALL), span(all.toArray(float[][]::new)));
        var patch = new FromRun(1, PositionRange.ALL);
        assertEquals(
                run(executor, new Edit(site, PositionRange.ALL, Part.ALL, patch))
                        .value(),
                run(executor, new Edit(site, PositionRange.ALL, Part.ALL, everything))
                        .value(),
                1e-4);
    }

    @ParameterizedTest
    @MethodSource("executors")
    void projectingOnNothingChangesNothing(Executor executor) {
        var nothing = new ProjectedOut(span(new float[model.config().dModel()]));
        var outcome = run(executor, new Edit("blocks.1.hook_resid_pre", PositionRange.ALL, Part.ALL, nothing));
        assertEquals(0, outcome.largestChange());
        assertEquals(1, outcome.fired());
    }

    @ParameterizedTest
    @MethodSource("executors")
    void anotherNumberOfUnitsIsRefused(Executor executor) {
        var edit = new Edit("blocks.1.hook_resid_pre", PositionRange.ALL, Part.ALL, new ProjectedOut(span(1, 2)));
        var wrong = assertThrows(EditException.class, () -> run(executor, edit));
        assertTrue(wrong.getMessage().contains("projects 24 numbers on a vector of 2"), wrong.getMessage());
        var attention =
                new Edit("blocks.1.attn.hook_pattern", PositionRange.ALL, Part.ALL, new ProjectedOut(span(1, 2)));
        assertThrows(EditException.class, () -> run(executor, attention));
    }

    private static CellOutcome run(Executor executor, Edit... edits) {
        List<Run> runs = List.of(new Run(CLEAN, List.of()), new Run(CORRUPTED, List.of()));
        Cell cell = new Cell(0, List.of(edits), new LogitDifference(7, 11));
        return executor.execute(model, new SweepPlan(runs, List.of(cell)), done -> {})
                .get(0);
    }

    private static float[] vector(int size, long seed) {
        Random random = new Random(seed);
        float[] vector = new float[size];
        for (int i = 0; i < size; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return vector;
    }

    private static Subspace span(float... vector) {
        return span(new float[][] {vector});
    }

    private static Subspace span(float[]... vectors) {
        List<List<Float>> lists = new ArrayList<>();
        for (float[] vector : vectors) {
            List<Float> list = new ArrayList<>();
            for (float number : vector) {
                list.add(number);
            }
            lists.add(list);
        }
        return Subspace.of(lists);
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** Removes {@code direction} at one position, unit by unit; of one head unless that is negative. */
    private static void projectOut(NDArray x, int row, int head, float[] direction) {
        String at = "0," + row + (head < 0 ? "" : "," + head) + ",";
        float[] units = x.get(new NDIndex(at + ":")).toFloatArray();
        double along = dot(units, direction) / dot(direction, direction);
        for (int i = 0; i < units.length; i++) {
            x.set(new NDIndex(at + i), units[i] - (float) (along * direction[i]));
        }
    }

    private static double byHand(Map<String, UnaryOperator<NDArray>> edits) {
        try (NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            edits.forEach((site, edit) -> hooks.edit(site, (x, point) -> edit.apply(x)));
            NDArray logits = model.lastLogits(List.of(CLEAN), hooks, manager);
            return logits.getFloat(0, 7) - logits.getFloat(0, 11);
        }
    }

    private static float[] activation(int[] ids, String site) {
        try (NDManager manager = Torch.manager()) {
            float[][] seen = new float[1][];
            Hooks hooks = new Hooks(model.points());
            hooks.read(site, (x, point) -> seen[0] = x.toFloatArray());
            model.lastLogits(List.of(ids), hooks, manager);
            return seen[0];
        }
    }
}
