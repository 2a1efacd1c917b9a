package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.exec.WaveExecutor;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The wave executor against one whole pass per cell, on random models, prompts and interventions. */
final class WaveExecutorTest {
    private static final double TOLERANCE = 2e-4;
    private static final int PLANS = 10;
    private static final int PLANS_OF_THE_PLAIN = 40;

    /** Small products gain nothing from threads, and lose much where the machine is busy. */
    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @AfterAll
    static void allThreads() {
        Torch.threads(Runtime.getRuntime().availableProcessors());
    }

    static Stream<String> models() {
        return TinyModels.all().filter(name -> !TinyModels.HEADLESS.contains(name));
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyCellIsThePlainExecutors(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            // Families differ in what each row's maths is, and only little in which rows are computed.
            int plans = List.of("llama", "gpt2").contains(name) ? PLANS_OF_THE_PLAIN : PLANS;
            for (long seed = 0; seed < plans; seed++) {
                SweepPlan plan = new RandomPlans(model, seed).draw();
                // A small budget cuts the plan into several batches and groups.
                long budget = seed % 3 == 0 ? 40_000 : 1L << 30;
                List<CellOutcome> expected = new PlainExecutor().execute(model, plan, done -> {});
                List<CellOutcome> found = new WaveExecutor(budget).execute(model, plan, done -> {});
                for (int cell = 0; cell < expected.size(); cell++) {
                    String where = "seed " + seed + ", cell " + cell + ": "
                            + plan.cells().get(cell);
                    same(expected.get(cell), found.get(cell), where);
                }
            }
        }
    }

    private static void same(CellOutcome expected, CellOutcome found, String where) {
        if (Double.isNaN(expected.value())) {
            assertEquals(expected.value(), found.value(), where);
        } else {
            double tolerance = TOLERANCE * Math.max(1, Math.abs(expected.value()));
            assertEquals(expected.value(), found.value(), tolerance, where);
        }
        assertEquals(expected.fired(), found.fired(), where);
        assertEquals(expected.largestChange(), found.largestChange(), TOLERANCE, where);
    }
}
