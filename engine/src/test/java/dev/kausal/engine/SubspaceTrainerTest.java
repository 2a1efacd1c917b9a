package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.GramSchmidt;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.hooks.UnknownHookPointException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.requests.OnRandomWeights;
import dev.kausal.engine.requests.SubspaceSearch;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.training.InterchangePair;
import dev.kausal.engine.training.RandomBasis;
import dev.kausal.engine.training.SubspaceException;
import dev.kausal.engine.training.SubspaceTrainer;
import dev.kausal.engine.training.SubspaceTraining;
import dev.kausal.engine.training.TrainedSubspace;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Trained subspaces against bench/alignment_search.py, their gradient against differences, models with random weights, and refusals. */
@ExtendWith(NoOpenArrays.class)
final class SubspaceTrainerTest {
    private static final Path REFERENCE = Path.of("src/test/resources/analysis/alignment_search.json");

    private record Pair(int[] base, int[] at, int[] source, int[] from, List<Integer> targets) {
        InterchangePair pair() {
            return new InterchangePair(
                    Input.tokens(base),
                    base.length - 1,
                    new PositionRange(at[0], at[1]),
                    Input.tokens(source),
                    new PositionRange(from[0], from[1]),
                    targets);
        }
    }

    private record Step(List<Integer> batch, double rate, double loss) {}

    private record Case(
            String site,
            List<Pair> pairs,
            double[][] first,
            double loss,
            double[][] gradient,
            List<Step> steps,
            double[][] last) {
        List<InterchangePair> interchanges() {
            return pairs.stream().map(Pair::pair).toList();
        }

        SubspaceTrainer trainer(HookedModel model) {
            return new SubspaceTrainer(model, site, interchanges(), List.of(first));
        }
    }

    private static Case given() throws Exception {
        try (Reader reader = Files.newBufferedReader(REFERENCE)) {
            return new Gson().fromJson(reader, Case.class);
        }
    }

    private static HookedModel model() {
        return HookedModel.open(TinyModels.folder("gpt2"));
    }

    private static List<Integer> all(Case given) {
        return IntStream.range(0, given.pairs().size()).boxed().toList();
    }

    @Test
    void lossGradientAndTrainedBasisArePyTorchs() throws Exception {
        Case given = given();
        try (HookedModel model = model()) {
            SubspaceTrainer trainer = given.trainer(model);
            SubspaceTrainer.LossGradient found = trainer.gradient(all(given));
            assertEquals(given.loss(), found.loss(), 1e-5);
            for (int k = 0; k < given.first().length; k++) {
                assertArrayEquals(given.gradient()[k], found.gradient()[k], 1e-5);
            }
            for (Step step : given.steps()) {
                assertEquals(step.loss(), trainer.step(step.batch(), step.rate()), 1e-4);
            }
            for (int k = 0; k < given.last().length; k++) {
                assertArrayEquals(given.last()[k], trainer.basis().get(k), 1e-4);
                assertNotEquals(given.first()[k][0], given.last()[k][0], 1e-2);
            }
        }
    }

    @Test
    void theGradientIsTheLossesChange() throws Exception {
        Case given = given();
        try (HookedModel model = model()) {
            SubspaceTrainer trainer = given.trainer(model);
            double[][] gradient = trainer.gradient(all(given)).gradient();
            // Along a tangent of subspaces, since a trainer makes its basis orthonormal.
            List<double[]> basis = trainer.basis();
            List<double[]> tangent = RandomBasis.of(basis.size(), basis.get(0).length, 9);
            double expected = 0;
            for (int k = 0; k < tangent.size(); k++) {
                for (double[] vector : basis) {
                    GramSchmidt.add(tangent.get(k), vector, -GramSchmidt.dot(tangent.get(k), vector));
                }
                expected += GramSchmidt.dot(gradient[k], tangent.get(k));
            }
            double size = 1e-2;
            double change =
                    (loss(given, model, basis, tangent, size) - loss(given, model, basis, tangent, -size)) / 2 / size;
            assertTrue(Math.abs(expected) > 0.1, "a gradient of " + expected);
            assertEquals(expected, change, 1e-3 * Math.abs(expected));
        }
    }

    private static double loss(
            Case given, HookedModel model, List<double[]> basis, List<double[]> tangent, double times) {
        List<double[]> moved = basis.stream().map(double[]::clone).toList();
        for (int k = 0; k < moved.size(); k++) {
            GramSchmidt.add(moved.get(k), tangent.get(k), times);
        }
        return new SubspaceTrainer(model, given.site(), given.interchanges(), moved)
                .gradient(all(given))
                .loss();
    }

    @Test
    void trainingLowersTheLossAndLeavesNothingBehind() throws Exception {
        Case given = given();
        SubspaceTraining training = new SubspaceTraining(4, 30, 4, 0.02, 3);
        SubspaceSearch search = new SubspaceSearch(given.site(), given.interchanges(), training);
        try (HookedModel model = model()) {
            TrainedSubspace trained = search.of(model);
            SubspaceTrainer.LossGradient before = new SubspaceTrainer(
                            model,
                            given.site(),
                            given.interchanges(),
                            RandomBasis.of(4, trained.basis().get(0).length, 3))
                    .gradient(all(given));
            SubspaceTrainer.LossGradient after = new SubspaceTrainer(
                            model, given.site(), given.interchanges(), trained.basis())
                    .gradient(all(given));
            assertTrue(after.loss() < before.loss() - 1, after.loss() + " after " + before.loss());
            assertEquals(30, trained.losses().size());
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) {
                    double product = GramSchmidt.dot(
                            trained.basis().get(i), trained.basis().get(j));
                    assertEquals(i == j ? 1 : 0, product, 1e-12);
                }
            }
            NoOpenArrays.during(model, () -> search.of(model));
            NoOpenArrays.during(model, () -> new OnRandomWeights<>(List.of(search), 4).of(model));
        }
    }

    @Test
    void headsTrainAsOneActivation() throws Exception {
        Case given = given();
        try (HookedModel model = model()) {
            SubspaceTraining training = new SubspaceTraining(2, 1, 4, 0.02, 3);
            int width = model.config().heads() * model.config().dHead();
            TrainedSubspace trained =
                    new SubspaceSearch("blocks.0.attn.hook_z", given.interchanges(), training).of(model);
            assertEquals(width, trained.basis().get(0).length);
        }
    }

    @Test
    void randomWeightsKeepTheScaleOfEachParameterOnly() {
        try (HookedModel model = model();
                HookedModel random = model.withRandomWeights(1);
                HookedModel same = model.withRandomWeights(1);
                HookedModel other = model.withRandomWeights(2);
                NDManager manager = Torch.manager()) {
            List<int[]> ids = List.of(new int[] {3, 17, 42});
            float[] logits = random.logits(ids, manager).toFloatArray();
            assertArrayEquals(logits, same.logits(ids, manager).toFloatArray(), 1e-4f);
            assertTrue(distance(logits, other.logits(ids, manager).toFloatArray()) > 0.1);
            assertTrue(distance(logits, model.logits(ids, manager).toFloatArray()) > 0.1);
            Map<Weights.Place, NDArray> drawn = random.weights().parameters();
            model.weights().parameters().forEach((place, array) -> {
                float[] expected = array.toFloatArray();
                float[] found = drawn.get(place).toFloatArray();
                assertEquals(expected.length, found.length);
                double error = 6 * deviation(expected) / Math.sqrt(expected.length) + 1e-6;
                assertEquals(mean(expected), mean(found), error, place.toString());
                if (expected.length > 1000) {
                    assertEquals(1, deviation(found) / deviation(expected), 0.15, place.toString());
                }
            });
        }
    }

    private static double distance(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElseThrow();
    }

    private static double mean(float[] numbers) {
        return IntStream.range(0, numbers.length)
                .mapToDouble(i -> numbers[i])
                .average()
                .orElseThrow();
    }

    private static double deviation(float[] numbers) {
        double mean = mean(numbers);
        return Math.sqrt(IntStream.range(0, numbers.length)
                .mapToDouble(i -> (numbers[i] - mean) * (numbers[i] - mean))
                .average()
                .orElseThrow());
    }

    @Test
    void trainingsThatCannotBeMadeAreRefused() throws Exception {
        Case given = given();
        List<InterchangePair> pairs = given.interchanges();
        int units = given.first()[0].length;
        try (HookedModel model = model()) {
            refused(
                    "has rank 1 to " + units + ", the number of its units, not 0",
                    () -> search(model, given.site(), pairs, 0));
            refused("not " + (units + 1), () -> search(model, given.site(), pairs, units + 1));
            refused("but there are none", () -> search(model, given.site(), List.of(), 1));
            refused("is attention", () -> search(model, "blocks.0.attn.hook_pattern", pairs, 1));
            assertThrows(UnknownHookPointException.class, () -> search(model, "blocks.9.hook_resid_pre", pairs, 1));
            refused("steps of a training must be 1 or more, not 0", () -> new SubspaceTraining(1, 0, 1, 0.1, 0));
            refused("batch of a training must be 1 or more, not 0", () -> new SubspaceTraining(1, 1, 0, 0.1, 0));
            for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
                refused("learning rate of a training must be above 0", () -> new SubspaceTraining(1, 1, 1, rate, 0));
            }
            Input input = Input.tokens(1, 2, 3);
            refused(
                    "activations of 3 positions of its source in place of 1",
                    () -> new InterchangePair(input, 2, PositionRange.at(2), input, PositionRange.ALL, List.of(1)));
        }
    }

    private static void search(HookedModel model, String site, List<InterchangePair> pairs, int rank) {
        new SubspaceSearch(site, pairs, new SubspaceTraining(rank, 1, 4, 0.1, 0)).of(model);
    }

    private static void refused(String problem, Runnable work) {
        String message = assertThrows(SubspaceException.class, work::run).getMessage();
        assertTrue(message.contains(problem), message);
    }
}
