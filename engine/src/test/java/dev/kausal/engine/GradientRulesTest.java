package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.gradients.WeightGradients;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.LargestDifference;
import dev.kausal.engine.metrics.LogProbability;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.MetricMath;
import dev.kausal.engine.metrics.Probability;
import dev.kausal.engine.metrics.ProbabilityDifference;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What gradients must keep to, whatever the weights. */
@ExtendWith(NoOpenArrays.class)
final class GradientRulesTest {
    private static final int[] PROMPT = {3, 17, 42, 5, 28};
    private static final Metric DIFFERENCE = new LogitDifference(7, 11);

    private static Predicate<HookPoint> named(String... names) {
        return point -> List.of(names).contains(point.name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "qwen3"})
    void inputsPerHeadShareTheStreamsGradient(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            Gradients found = Gradients.of(
                    model,
                    List.of(Input.tokens(PROMPT)),
                    Objective.of(DIFFERENCE),
                    named(
                            "blocks.1.hook_resid_pre",
                            "blocks.1.hook_resid_mid",
                            "blocks.1.hook_q_input",
                            "blocks.1.hook_k_input",
                            "blocks.1.hook_v_input",
                            "blocks.1.ln1.hook_scale"),
                    manager);
            NDArray sum = found.get("blocks.1.hook_resid_mid");
            for (String input : List.of("q", "k", "v")) {
                NDArray perHead = found.get("blocks.1.hook_" + input + "_input");
                assertTrue(perHead.abs().max().getFloat() > 0, input);
                sum = sum.add(perHead.sum(new int[] {2}));
            }
            assertNear(found.get("blocks.1.hook_resid_pre"), sum, 1e-5);
        }
    }

    @Test
    void everyMetricsGradientAtTheLogitsIsThatByHand() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"));
                NDManager manager = Torch.manager()) {
            NDArray logits = model.logits(List.of(PROMPT), manager);
            int last = PROMPT.length - 1;
            double[][] logs = new double[PROMPT.length][];
            for (int i = 0; i < logs.length; i++) {
                float[] row = logits.get(i).toFloatArray();
                logs[i] = MetricMath.logSoftmax(row, 0, row.length);
            }
            float[] reference = logits.get(1).toFloatArray();
            float[] at = logits.get(last).toFloatArray();
            for (int token = 0; token < at.length; token++) {
                double p = Math.exp(logs[last][token]);
                int hit = token == 7 ? 1 : 0;
                expect(model, new Logit(7), at[7], token, hit, reference, manager);
                expect(model, DIFFERENCE, at[7] - at[11], token, hit - (token == 11 ? 1 : 0), reference, manager);
                expect(model, new LogProbability(7), logs[last][7], token, hit - p, reference, manager);
                double answer = Math.exp(logs[last][7]);
                expect(model, new Probability(7), answer, token, answer * (hit - p), reference, manager);
                setsHaveSlopes(model, at, logs[last], token, reference, manager);
                double kl = 0;
                for (int i = 0; i < at.length; i++) {
                    kl += Math.exp(logs[1][i]) * (logs[1][i] - logs[last][i]);
                }
                expect(model, new KlDivergence(0), kl, token, p - Math.exp(logs[1][token]), reference, manager);
                token += 8;
            }
            double loss = 0;
            for (int i = 0; i < last; i++) {
                loss -= logs[i][PROMPT[i + 1]] / last;
            }
            Gradients found = Gradients.of(
                    model, List.of(Input.tokens(PROMPT)), Objective.of(new Loss()), named("hook_logits"), manager);
            assertEquals(loss, found.value(), 1e-5);
            float[] gradient = found.get("hook_logits").toFloatArray();
            for (int i = 0; i < gradient.length; i++) {
                int position = i / at.length;
                int token = i % at.length;
                double expected = position == last
                        ? 0
                        : (Math.exp(logs[position][token]) - (token == PROMPT[position + 1] ? 1 : 0)) / last;
                assertEquals(expected, gradient[i], 1e-6, "loss at " + i);
            }
        }
    }

    /** Of means over sets the slope is shared among their tokens; of sums of probabilities it is the sum of each one's. */
    private static void setsHaveSlopes(
            HookedModel model, float[] at, double[] logs, int token, float[] reference, NDManager manager) {
        List<Integer> answers = List.of(7, 3);
        List<Integer> foils = List.of(11, 2);
        double share = (answers.contains(token) ? 0.5 : 0) - (foils.contains(token) ? 0.5 : 0);
        double difference = (at[7] + at[3] - at[11] - at[2]) / 2;
        expect(model, new LogitDifference(answers, foils), difference, token, share, reference, manager);
        double p = Math.exp(logs[token]);
        double right = Math.exp(logs[7]) + Math.exp(logs[3]);
        double wrong = Math.exp(logs[11]) + Math.exp(logs[2]);
        double up = (answers.contains(token) ? p : 0) - right * p;
        double down = (foils.contains(token) ? p : 0) - wrong * p;
        expect(model, new Probability(answers), right, token, up, reference, manager);
        expect(model, new LogProbability(answers), Math.log(right), token, up / right, reference, manager);
        expect(model, new ProbabilityDifference(answers, foils), right - wrong, token, up - down, reference, manager);
        int most = at[7] > at[3] ? 7 : 3;
        int least = at[11] > at[2] ? 11 : 2;
        double largest = (token == most ? 1 : 0) - (token == least ? 1 : 0);
        expect(model, new LargestDifference(answers, foils), at[most] - at[least], token, largest, reference, manager);
    }

    private static void expect(
            HookedModel model,
            Metric metric,
            double value,
            int token,
            double slope,
            float[] reference,
            NDManager manager) {
        Objective objective = Objective.sum(List.of(metric), List.of(reference));
        try (Gradients found =
                Gradients.of(model, List.of(Input.tokens(PROMPT)), objective, named("hook_logits"), manager)) {
            assertEquals(value, found.value(), 1e-4, metric.toString());
            NDArray gradient = found.get("hook_logits").squeeze(0);
            assertEquals(slope, gradient.getFloat(PROMPT.length - 1, token), 1e-6, metric + " at " + token);
            assertEquals(0, gradient.get("0:-1").abs().max().getFloat(), metric.toString());
        }
    }

    @Test
    void inputsOfSeveralLengthsGiveWhatEachGivesAlone() {
        List<Input> inputs = List.of(Input.tokens(PROMPT), Input.tokens(9, 0, 52), Input.tokens(9, 4, 50));
        String point = "blocks.0.hook_resid_mid";
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"));
                NDManager manager = Torch.manager()) {
            List<Metric> metrics = List.of(DIFFERENCE, new Loss(), new LogProbability(5));
            Gradients together = Gradients.of(model, inputs, Objective.sum(metrics, List.of()), named(point), manager);
            List<NDArray> segments = together.gradients().segments(point);
            double sum = 0;
            for (int i = 0; i < inputs.size(); i++) {
                Gradients alone = Gradients.of(
                        model, List.of(inputs.get(i)), Objective.of(metrics.get(i)), named(point), manager);
                NDArray its = i == 0 ? segments.get(0) : segments.get(1).get(i - 1 + ":" + i);
                assertNear(alone.get(point), its, 1e-5);
                sum += alone.value();
            }
            assertEquals(sum, together.value(), 1e-4);
        }
    }

    @Test
    void aGradientPredictsWhatASmallEditDoesAndFlowsThroughEdits() {
        String point = "blocks.1.hook_resid_pre";
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"));
                NDManager manager = Torch.manager()) {
            Hooks halved = new Hooks(model.points());
            halved.edit("blocks.1.hook_attn_out", (x, at) -> x.mul(Recording.scalar(x, 0.5f)));
            List<Input> inputs = List.of(Input.tokens(PROMPT));
            Gradients found = Gradients.of(model, inputs, halved, Objective.of(DIFFERENCE), named(point), manager);
            NDArray direction = found.get(point);
            float step = 1e-2f / direction.norm().getFloat();
            halved.edit(point, (x, at) -> x.addi(direction.mul(step)));
            NDArray after = model.lastLogits(List.of(PROMPT), halved, manager);
            double moved = after.getFloat(0, 7) - after.getFloat(0, 11) - found.value();
            double foretold = step * direction.square().sum().getFloat();
            assertEquals(foretold, moved, 0.05 * foretold);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "deberta-v3"})
    void nothingStaysBehind(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager root = Torch.manager()) {
            List<Input> inputs = List.of(Input.tokens(PROMPT), Input.tokens(9, 0, 52));
            Objective objective = Objective.nextTokenLoss();
            Predicate<HookPoint> all = point -> point.kind() != HookKind.ATTN_IN;
            NoOpenArrays.during(model, () -> {
                Gradients.of(model, inputs, objective, all, root).close();
                WeightGradients.of(model, inputs, objective, root).close();
                assertThrows(
                        ObjectiveException.class,
                        () -> Gradients.of(model, inputs, (outputs, batch) -> outputs, all, root));
            });
            assertEquals(0, root.getManagedArrays().size(), "arrays of the caller's manager");
            assertFalse(Recording.on());
            assertFalse(JniUtils.isGradMode());
        }
    }

    @Test
    void whatHasNoGradientSaysSo() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"));
                NDManager manager = Torch.manager()) {
            List<Input> inputs = List.of(Input.tokens(PROMPT));
            assertSays(
                    "does not depend",
                    model,
                    inputs,
                    (outputs, batch) -> outputs.duplicate().sum(),
                    manager);
            assertSays("one number", model, inputs, (outputs, batch) -> outputs.sum(new int[] {1}), manager);
            assertSays("one metric per input", model, inputs, Objective.sum(List.of(), List.of()), manager);
            assertSays("two tokens", model, List.of(Input.tokens(4)), Objective.nextTokenLoss(), manager);
            Exception nowhere = assertThrows(
                    ObjectiveException.class,
                    () -> Gradients.of(model, inputs, Objective.nextTokenLoss(), point -> false, manager));
            assertTrue(nowhere.getMessage().contains("No hook point"), nowhere.getMessage());
            assertThrows(ObjectiveException.class, () -> Objective.of(new ScriptMetric(x -> 0)));
            Exception shared = assertThrows(
                    EditException.class,
                    () -> Gradients.of(
                            model, inputs, Objective.of(DIFFERENCE), named("blocks.1.hook_attn_in"), manager));
            assertTrue(shared.getMessage().contains("hook_q_input"), shared.getMessage());
        }
    }

    private static void assertSays(
            String part, HookedModel model, List<Input> inputs, Objective objective, NDManager manager) {
        Exception e = assertThrows(
                ObjectiveException.class, () -> Gradients.of(model, inputs, objective, named("hook_embed"), manager));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    private static void assertNear(NDArray expected, NDArray found, double tolerance) {
        assertEquals(expected.getShape(), found.getShape());
        float size = expected.abs().max().getFloat();
        assertEquals(0, expected.sub(found).abs().max().getFloat(), tolerance * size);
    }
}
