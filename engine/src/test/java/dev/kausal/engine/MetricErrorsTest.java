package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.metrics.LargestDifference;
import dev.kausal.engine.metrics.LogProbability;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.MetricException;
import dev.kausal.engine.metrics.Probability;
import dev.kausal.engine.metrics.ProbabilityDifference;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.function.Function;
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
        refused("bert-classes", new Probability(3), "has outputs 0 to 2");
        refused("bert-classes", new LogProbability(List.of(0, 3)), "has outputs 0 to 2");
        refused("bert-classes", new ProbabilityDifference(List.of(0), List.of(-1)), "has outputs 0 to 2");
    }

    @Test
    void noAnswer() {
        for (Function<List<Integer>, Metric> metric : List.<Function<List<Integer>, Metric>>of(
                Logit::new,
                Probability::new,
                LogProbability::new,
                answers -> new LogitDifference(answers, List.of(1)),
                foils -> new LargestDifference(List.of(1), foils),
                foils -> new ProbabilityDifference(List.of(1), foils))) {
            String message = assertThrows(MetricException.class, () -> metric.apply(List.of()))
                    .getMessage();
            assertTrue(message.contains("Name one or more"), message);
        }
    }

    @Test
    void recordedLogProbabilityOfUnlikelyAnswers() {
        float[] logits = {0, -200, -201, -300};
        LogProbability metric = new LogProbability(List.of(1, 2));
        try (NDManager manager = Torch.manager()) {
            NDArray rows = manager.create(logits, new Shape(1, 4));
            double plain = metric.of(rows, new int[0], run -> logits);
            double recorded = metric.recorded(rows, new int[0], run -> logits).toFloatArray()[0];
            assertEquals(-200 + Math.log1p(Math.exp(-1)), plain, 1e-9);
            assertEquals(plain, recorded, 1e-4);
        }
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
