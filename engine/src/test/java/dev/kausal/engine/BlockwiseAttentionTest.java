package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.estimates.GradientExecutor;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.forward.AttentionBatch;
import dev.kausal.engine.forward.AttentionBatch.Sees;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.AttentionMask;
import dev.kausal.engine.rows.Extent;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention without kept scores, which is for long prompts, computes what attention with kept scores does. */
final class BlockwiseAttentionTest {
    private static final float TOLERANCE = 2e-5f;

    static Stream<String> models() {
        return Stream.concat(TinyModels.DECODERS.stream(), TinyModels.ENCODERS.stream());
    }

    @ParameterizedTest
    @MethodSource("models")
    void outputsOfPromptsOfOneAndOfSeveralLengthsAreEqual(String name) {
        try (HookedModel without = open(name, Integer.MAX_VALUE);
                HookedModel blockwise = open(name, 1)) {
            for (int[] lengths : new int[][] {{9}, {7, 7, 7}, {3, 8, 5}}) {
                assertArrayEquals(outputs(without, lengths), outputs(blockwise, lengths), TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "mistral", "bert-masked", "vit"})
    void sweepsWithKeysOfABaseRunAreEqual(String name) {
        try (HookedModel without = open(name, Integer.MAX_VALUE);
                HookedModel blockwise = open(name, 1)) {
            for (long seed = 0; seed < 10; seed++) {
                SweepPlan plan = new RandomPlans(without, seed).draw();
                List<CellOutcome> expected = new BatchedExecutor(1L << 30).execute(without, plan, done -> {});
                List<CellOutcome> found = new BatchedExecutor(1L << 30).execute(blockwise, plan, done -> {});
                for (int cell = 0; cell < expected.size(); cell++) {
                    assertEquals(expected.get(cell).value(), found.get(cell).value(), 2e-4, name + ", cell " + cell);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gemma", "qwen3"})
    void gradientsAreEqual(String name) {
        try (HookedModel without = open(name, Integer.MAX_VALUE);
                HookedModel blockwise = open(name, 1)) {
            SweepPlan plan = patches(without);
            Executor gradients = GradientExecutor.atRuns(1L << 30, Linearisation.NONE);
            List<CellOutcome> expected = gradients.execute(without, plan, done -> {});
            List<CellOutcome> found = gradients.execute(blockwise, plan, done -> {});
            double largest = 0;
            for (int cell = 0; cell < expected.size(); cell++) {
                assertEquals(expected.get(cell).value(), found.get(cell).value(), 1e-4, name + ", cell " + cell);
                largest = Math.max(
                        largest,
                        Math.abs(expected.get(cell).value() - expected.get(0).value()));
            }
            assertTrue(largest > 1e-2, "cells differ by " + largest);
        }
    }

    /** Patches of every position and layer from one prompt into another. */
    private static SweepPlan patches(HookedModel model) {
        int length = 9;
        Random random = new Random(5);
        List<Run> runs = Stream.generate(() ->
                        random.ints(length, 0, model.config().vocabulary()).toArray())
                .limit(2)
                .map(ids -> new Run(ids, List.of()))
                .toList();
        List<Cell> cells = new ArrayList<>();
        for (int layer = 0; layer < model.config().layers(); layer++) {
            for (int position = 0; position < length; position++) {
                PositionRange at = PositionRange.at(position);
                Edit edit = new Edit("blocks." + layer + ".hook_resid_pre", at, Part.ALL, new FromRun(0, at));
                cells.add(new Cell(1, List.of(edit), new LogitDifference(1, 2)));
            }
        }
        return new SweepPlan(runs, cells);
    }

    @Test
    void batchesTellWhatTheirQueriesSee() {
        AttentionMask causal = new AttentionMask(true, 0);
        AttentionMask window = new AttentionMask(true, 3);
        AttentionMask both = new AttentionMask(false, 0);
        AttentionGroup whole = AttentionGroup.whole(0, 2, 6, Extent.NONE);
        AttentionGroup later = AttentionGroup.single(0, AttentionGroup.range(2, 6), 2, 6, 0, Extent.NONE);
        AttentionGroup last = AttentionGroup.single(0, new int[] {5}, 2, 6, 0, Extent.NONE);
        assertEquals(Sees.CAUSAL, sees(whole, whole, causal));
        assertEquals(Sees.OTHER, sees(whole, whole, window));
        assertEquals(Sees.ALL, sees(whole, whole, both));
        assertEquals(Sees.CAUSAL, sees(later, later, causal));
        assertEquals(Sees.OTHER, sees(later, later, window));
        assertEquals(Sees.ALL, sees(last, later, causal));
    }

    private static Sees sees(AttentionGroup asking, AttentionGroup asked, AttentionMask sight) {
        try (NDManager manager = Torch.manager()) {
            return AttentionBatch.of(asking, asked, sight, Optional.empty(), manager)
                    .sees();
        }
    }

    private static HookedModel open(String name, int leastScores) {
        return ModelSource.open(TinyModels.folder(name), device(leastScores)).load();
    }

    /** Returns the processor with the number of scores from which on attention is computed without keeping them. */
    private static Device device(int leastScores) {
        Tuning all = Tuning.CPU;
        return Device.CPU.with(new Tuning(
                all.saturatedRows(),
                all.mostLanes(),
                all.worthwhileRows(),
                all.paddedLength(),
                leastScores,
                all.attributionRows(),
                all.logitRows(),
                all.promptRows(),
                all.recordedBytes(),
                all.shardCells()));
    }

    private static float[] outputs(HookedModel model, int[] lengths) {
        Random random = new Random(3);
        List<int[]> prompts = new ArrayList<>();
        for (int length : lengths) {
            prompts.add(IntStream.range(0, length)
                    .map(i -> random.nextInt(model.config().vocabulary()))
                    .toArray());
        }
        try (NDManager manager = Torch.manager()) {
            return model.logits(prompts, new Hooks(model.points()), manager).toFloatArray();
        }
    }
}
