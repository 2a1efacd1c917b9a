package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.MetricException;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Metrics of what a model does not compute are refused before it runs. */
final class MetricErrorsTest {
    private static void refused(String name, Metric metric, String said) {
        Run run = new Run(new int[] {3, 17}, List.of());
        SweepPlan plan = new SweepPlan(List.of(run), List.of(new Cell(0, List.of(), metric)));
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            for (Executor executor : List.of(new PlainExecutor(), new BatchedExecutor(1 << 20))) {
                Exception e = assertThrows(MetricException.class, () -> executor.execute(model, plan, done -> {}));
                assertTrue(e.getMessage().contains(said), e.getMessage());
            }
        }
    }

    @Test
    void lossOfAModelThatPredictsNoNextToken() {
        refused("bert-masked", new Loss(), "this bert model predicts none");
    }

    @Test
    void logitOfAModelWithoutAHead() {
        refused("minilm", new Logit(1), "has no head");
    }

    @Test
    void aClassThatIsNotThere() {
        refused("bert-classes", new Logit(3), "has outputs 0 to 2");
    }

    @Test
    void positionsThatAreNotThere() {
        refused(
                "llama",
                new ScriptMetric(List.of(0, 2), logits -> 0),
                "the positions [0, 2], but they must ascend from 0 to 1");
        refused("llama", new ScriptMetric(List.of(1, 0), logits -> 0), "the positions [1, 0]");
        refused("bert-classes", new ScriptMetric(List.of(0), logits -> 0), "one output for the whole input");
    }
}
