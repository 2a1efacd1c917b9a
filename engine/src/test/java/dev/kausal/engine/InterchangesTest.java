package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.gradients.WeightGradients;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.hooks.UnknownHookPointException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.training.Interchange;
import dev.kausal.engine.training.InterchangeException;
import dev.kausal.engine.training.Interchanges;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Interchanges in a batch and the training loss on them, against bench/interchange.py, and refused ones. */
@ExtendWith(NoOpenArrays.class)
final class InterchangesTest {
    private static final Path ANALYSIS = Path.of("src/test/resources/analysis");
    private static final Port HEAD = new Port(HookKind.RESULT, 0, new Part.Head(1));

    private record Batch(int[][] ids, int[][] targets, List<List<Object>> interchanges) {}

    private record Case(
            String model,
            int sources,
            int aligned,
            double strict,
            double smoothing,
            double[] losses,
            List<Batch> batches) {}

    /** The whole batch of both lengths: inputs, interchanges, and the loss of its three parts. */
    private static final class Loss {
        final List<Input> inputs = new ArrayList<>();
        final List<Interchange> interchanges = new ArrayList<>();
        final List<List<Integer>> rows = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        final List<Long> targets = new ArrayList<>();
        private final Case given;

        Loss(Case given) {
            this.given = given;
            for (Batch batch : given.batches()) {
                int first = inputs.size();
                for (int i = 0; i < batch.ids().length; i++) {
                    inputs.add(Input.tokens(batch.ids()[i]));
                    int part = i < given.sources() ? 0 : i < given.sources() + given.aligned() ? 1 : 2;
                    for (int target : batch.targets()[i]) {
                        rows.get(part).add(targets.size());
                        targets.add((long) target);
                    }
                }
                batch.interchanges().forEach(one -> interchanges.add(interchange(one, first)));
            }
        }

        private static Interchange interchange(List<Object> one, int first) {
            List<Port> ports = ((List<?>) one.get(2)).stream().map(Loss::port).toList();
            return new Interchange(first + number(one.get(0)), first + number(one.get(1)), ports);
        }

        private static int number(Object json) {
            return ((Number) json).intValue();
        }

        private static Port port(Object json) {
            List<?> place = (List<?>) json;
            int head = number(place.get(2));
            HookKind kind = switch ((String) place.get(0)) {
                case "q" -> HookKind.Q_INPUT;
                case "k" -> HookKind.K_INPUT;
                case "v" -> HookKind.V_INPUT;
                case "read" -> HookKind.MLP_IN;
                default -> head < 0 ? HookKind.MLP_OUT : HookKind.RESULT;
            };
            return new Port(kind, number(place.get(1)), head < 0 ? Part.ALL : new Part.Head(head));
        }

        /** Returns the sum of the parts' means, with these weights. */
        Objective objective(double... weights) {
            float[] each = new float[targets.size()];
            for (int part = 0; part < weights.length; part++) {
                for (int row : rows.get(part)) {
                    each[row] = (float) (weights[part] / rows.get(part).size());
                }
            }
            int[] all = IntStream.range(0, each.length).toArray();
            return Objective.crossEntropy(
                    all, targets.stream().mapToLong(Long::longValue).toArray(), each, given.smoothing());
        }

        double value(HookedModel model, NDManager manager, double... weights) {
            try (WeightGradients found = gradients(model, manager, weights)) {
                return found.value();
            }
        }

        WeightGradients gradients(HookedModel model, NDManager manager, double... weights) {
            Hooks hooks = new Hooks(model.points());
            Interchanges.addTo(hooks, model, inputs, interchanges);
            return WeightGradients.of(model, inputs, hooks, objective(weights), manager);
        }
    }

    private static Case given() throws Exception {
        try (Reader reader = Files.newBufferedReader(ANALYSIS.resolve("interchange.json"))) {
            return new Gson().fromJson(reader, Case.class);
        }
    }

    private static HookedModel model() {
        return HookedModel.open(TinyModels.folder("gpt2"));
    }

    @Test
    void lossAndEveryParametersGradientArePyTorchs(@TempDir Path asCheckpoint) throws Exception {
        Case given = given();
        Files.copy(TinyModels.folder("gpt2").resolve("config.json"), asCheckpoint.resolve("config.json"));
        Files.copy(ANALYSIS.resolve("interchange.safetensors"), asCheckpoint.resolve("model.safetensors"));
        try (HookedModel model = model();
                HookedModel reference = HookedModel.open(asCheckpoint);
                NDManager manager = Torch.manager()) {
            Loss loss = new Loss(given);
            for (int part = 0; part < 3; part++) {
                double[] only = new double[3];
                only[part] = 1;
                assertEquals(given.losses()[part], loss.value(model, manager, only), 1e-5);
            }
            Map<Weights.Place, NDArray> expected = reference.weights().parameters();
            WeightGradients found = loss.gradients(model, manager, 1, 1, given.strict());
            WeightGradientsTest.assertSame(expected, found);
        }
    }

    @Test
    void aWholeStreamFromAnotherInputGivesItsLogits() {
        try (HookedModel model = model();
                NDManager manager = Torch.manager()) {
            List<Input> inputs = List.of(Input.tokens(3, 5), Input.tokens(1, 2, 3), Input.tokens(7, 8, 9));
            Hooks hooks = new Hooks(model.points());
            Port last = new Port(HookKind.RESID_POST, 1, Part.ALL);
            Interchanges.addTo(hooks, model, inputs, List.of(new Interchange(1, 2, List.of(last))));
            for (int pass = 0; pass < 2; pass++) {
                NDArray logits = model.outputs(inputs, hooks, manager);
                NDArray plain = model.outputs(inputs, new Hooks(model.points()), manager);
                assertArrayEquals(rows(plain, 5, 8), rows(logits, 2, 5), 1e-5f);
                assertArrayEquals(rows(plain, 5, 8), rows(logits, 5, 8), 1e-5f);
                assertArrayEquals(rows(plain, 0, 2), rows(logits, 0, 2), 1e-5f);
            }
        }
    }

    private static float[] rows(NDArray logits, int from, int to) {
        int width = (int) logits.getShape().get(1);
        return Arrays.copyOfRange(logits.toFloatArray(), from * width, to * width);
    }

    @Test
    void interchangesThatCannotBeMadeAreRefused() {
        try (HookedModel model = model()) {
            List<Input> inputs = List.of(Input.tokens(1, 2), Input.tokens(3, 4), Input.tokens(5, 6, 7));
            refused(model, inputs, "has inputs 0 to 2", new Interchange(0, 3, List.of(HEAD)));
            refused(model, inputs, "has inputs 0 to 2", new Interchange(-1, 0, List.of(HEAD)));
            refused(model, inputs, "they have 3 and 2 positions", new Interchange(0, 2, List.of(HEAD)));
            refused(
                    model,
                    inputs,
                    "another interchange changes",
                    new Interchange(0, 1, List.of(HEAD)),
                    new Interchange(1, 0, List.of(HEAD)));
            refused(model, inputs, "names no units", new Interchange(0, 1, List.of()));
            Port pattern = new Port(HookKind.PATTERN, 0, new Part.Head(1));
            refused(model, inputs, "not given position by position", new Interchange(0, 1, List.of(pattern)));
            Port fifth = new Port(HookKind.RESULT, 0, new Part.Head(4));
            refused(
                    model,
                    inputs,
                    "units that blocks.0.attn.hook_result does not have",
                    new Interchange(0, 1, List.of(fifth)));
            Port layer = new Port(HookKind.MLP_OUT, 2, Part.ALL);
            assertThrows(
                    UnknownHookPointException.class, () -> addTo(model, inputs, new Interchange(0, 1, List.of(layer))));
        }
    }

    private static void refused(HookedModel model, List<Input> inputs, String problem, Interchange... interchanges) {
        String message = assertThrows(InterchangeException.class, () -> addTo(model, inputs, interchanges))
                .getMessage();
        assertTrue(message.contains(problem), message);
    }

    private static void addTo(HookedModel model, List<Input> inputs, Interchange... interchanges) {
        Interchanges.addTo(new Hooks(model.points()), model, inputs, List.of(interchanges));
    }

    @Test
    void targetsThatDoNotFitAreRefused() {
        try (HookedModel model = model();
                NDManager manager = Torch.manager()) {
            List<Input> inputs = List.of(Input.tokens(1, 2));
            int[] rows = {1};
            float[] weights = {1};
            assertThrows(ObjectiveException.class, () -> Objective.crossEntropy(rows, new long[] {1, 2}, weights));
            for (double smoothing : new double[] {-0.1, 1, Double.NaN}) {
                assertThrows(
                        ObjectiveException.class,
                        () -> Objective.crossEntropy(rows, new long[] {1}, weights, smoothing));
            }
            for (Objective bad : List.of(
                    Objective.crossEntropy(new int[] {2}, new long[] {1}, weights),
                    Objective.crossEntropy(rows, new long[] {61}, weights))) {
                assertThrows(ObjectiveException.class, () -> WeightGradients.of(model, inputs, bad, manager));
            }
        }
    }
}
