package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How many operations of the native library passes and sweeps take, and how much they copy. */
final class NativeWorkTest {
    private static HookedModel model;

    @BeforeAll
    static void open() {
        model = HookedModel.open(TinyModels.folder("llama"));
        Torch.threads(1);
    }

    @AfterAll
    static void close() {
        model.close();
        Torch.threads(Runtime.getRuntime().availableProcessors());
    }

    private static int[] ids(int length) {
        return IntStream.range(0, length).map(i -> 3 + i).toArray();
    }

    private static NativeWork pass(int length) {
        return NativeWork.of(() -> {
            try (NDManager manager = Torch.manager()) {
                model.logits(List.of(ids(length)), new Hooks(model.points()), manager);
            }
        });
    }

    @Test
    void aLayerIsFiveProductsWithWeightsAndFewOtherOperations() {
        NativeWork work = pass(40);
        int layers = model.config().layers();
        assertEquals(
                5L * layers + 1, work.count("mm"), "queries with keys and values, output, gate, up, down; unembedding");
        assertEquals(2L * layers, work.count("bmm"), "scores and weighted values");
        assertEquals(layers, work.count("_softmax"));
        assertTrue(work.count("copy_") <= 4L * layers + 1, () -> "copies: " + work.count("copy_"));
        assertTrue(
                work.calls().size() <= 44L * layers + 20,
                () -> "operations: " + work.calls().size());
    }

    @Test
    void operationsDoNotGrowWithTheLengthNorCopiesFasterThanIt() {
        NativeWork brief = pass(20);
        NativeWork longer = pass(40);
        assertEquals(brief.calls().size(), longer.calls().size());
        assertTrue(
                longer.copied() <= 2 * brief.copied(), () -> "copied: " + brief.copied() + ", then " + longer.copied());
    }

    @Test
    void variantsCopyNoKeysOfThePromptThatTheyShare() {
        long added = sweep(20, 4).copied() - sweep(20, 1).copied();
        long addedWhenLonger = sweep(40, 4).copied() - sweep(40, 1).copied();
        long captured = 3L * 2 * model.config().dModel(); // Three more sites, of which both runs keep every position.
        assertEquals(added + 20 * captured, addedWhenLonger);
    }

    @Test
    void variantsOfOneGroupShareProducts() {
        assertEquals(sweep(20, 1).count("mm"), sweep(20, 4).count("mm"));
    }

    /** Patches one of {@code sites} into layer 1 at the fifth position from the end, each in a variant of its own. */
    private static NativeWork sweep(int length, int sites) {
        int position = length - 5;
        int[] other = ids(length);
        other[position] = 2;
        PositionRange at = PositionRange.at(position);
        List<Cell> cells = Stream.of("hook_resid_pre", "hook_resid_mid", "hook_attn_out", "hook_mlp_out")
                .limit(sites)
                .map(site -> new Edit("blocks.1." + site, at, Part.ALL, new FromRun(0, at)))
                .map(edit -> new Cell(1, List.of(edit), new LogitDifference(5, 6)))
                .toList();
        SweepPlan plan = new SweepPlan(List.of(new Run(ids(length), List.of()), new Run(other, List.of())), cells);
        return NativeWork.of(() -> new BatchedExecutor(1L << 30).execute(model, plan, done -> {}));
    }
}
