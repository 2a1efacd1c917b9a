package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.circuits.Circuits;
import dev.kausal.engine.circuits.Composition;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.WeightGradients;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.Input;
import dev.kausal.engine.model.WeightProcessing;
import dev.kausal.engine.plan.Metric;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The samples of docs/guide/weights-and-gradients.md. */
final class GuideSamplesTest {
    private final Path path = TinyModels.folder("gpt2");

    @Test
    void gradientsOfActivations() {
        List<Shape> shapes = new ArrayList<>();
        try (HookedModel model = HookedModel.open(path);
                NDManager manager = Torch.manager()) {
            List<Input> prompts = List.of(Input.tokens(3, 17, 42, 5), Input.tokens(9, 4, 50));
            List<Metric> metrics = List.of(new Metric.LogitDifference(7, 11), new Metric.LogProbability(5));
            Objective objective = Objective.sum(metrics, List.of());
            Gradients found = Gradients.of(
                    model,
                    prompts,
                    objective,
                    point -> point.kind() == HookKind.Z || point.kind() == HookKind.RESID_PRE,
                    manager);
            for (NDArray gradient : found.gradients().segments("blocks.0.attn.hook_z")) {
                shapes.add(gradient.getShape());
            }
        }
        assertEquals(List.of(new Shape(1, 4, 4, 5), new Shape(1, 3, 4, 5)), shapes);
    }

    @Test
    void gradientsOfWeights() {
        List<Input> batch = List.of(Input.tokens(3, 17, 42, 5), Input.tokens(9, 4, 50, 2));
        List<Double> losses = new ArrayList<>();
        try (HookedModel model = HookedModel.open(path);
                NDManager manager = Torch.manager()) {
            for (int step = 0; step < 10; step++) {
                try (WeightGradients found = WeightGradients.of(model, batch, Objective.nextTokenLoss(), manager)) {
                    model.weights()
                            .parameters()
                            .forEach((place, weight) ->
                                    weight.subi(found.all().get(place).mul(0.1f)));
                    losses.add(found.value());
                }
            }
        }
        assertTrue(losses.get(9) < losses.get(0), losses.toString());
    }

    @Test
    void processedAndVirtualWeights() {
        try (HookedModel model = HookedModel.open(path);
                HookedModel folded = WeightProcessing.foldNorms(model);
                HookedModel centred = WeightProcessing.centreUnembedding(folded);
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Circuits circuits = new Circuits(centred);
            assertTrue(circuits.ov(0, 1).norm() > 0);
            assertTrue(Math.abs(circuits.copyingScore(0, 1)) <= 1);
            double[][][][] scores = circuits.composition(Composition.QUERY);
            assertEquals(0, scores[1][0][0][0]);
            assertTrue(scores[0][1][1][2] > 0);
        }
    }
}
