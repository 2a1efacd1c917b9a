package dev.kausal.engine;

import static dev.kausal.engine.analysis.DirectLogitAttribution.NO_FOIL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.analysis.AnalysisUndefinedException;
import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.analysis.LogitLens;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Readings of the residual stream against what the model itself says, in every family of decoders. */
@ExtendWith(NoOpenArrays.class)
final class AnalysisTest {
    private static final int[] PROMPT = {3, 17, 42, 5, 28};
    private static final int ANSWER = 7;
    private static final int FOIL = 11;

    static Stream<String> decoders() {
        return TinyModels.DECODERS.stream();
    }

    static Stream<String> overTokens() {
        return Stream.concat(
                TinyModels.DECODERS.stream(),
                TinyModels.ENCODERS.stream().filter(name -> name.endsWith("masked") || name.endsWith("generator")));
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void attributionSumsToTheLogitDifference(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            var shares = DirectLogitAttribution.of(model, PROMPT, new Hooks(model.points()), ANSWER, FOIL);
            assertEquals(shares.logitDifference(), shares.sum(), 1e-5);
            NDArray logits = model.lastLogits(List.of(PROMPT), new Hooks(model.points()), manager);
            double difference = logits.getFloat(0, ANSWER) - logits.getFloat(0, FOIL);
            assertEquals(difference, shares.logitDifference(), 1e-5);
            double uncapped = uncapped(model, logits, ANSWER) - uncapped(model, logits, FOIL);
            int last = shares.components().size() - 1;
            boolean capped = shares.components().get(last) instanceof Component.SoftCap;
            assertEquals(model.config().head().softCap() > 0, capped);
            // The cap's share is exactly the remainder; the others sum to the difference in front of the cap.
            assertEquals(uncapped, shares.sum() - (capped ? shares.shares()[last] : 0), 1e-5);
        }
    }

    /** A hook that only watches makes it a pass of all rows of each prompt. */
    @ParameterizedTest
    @MethodSource("decoders")
    void attributionOfPromptsThatBeginAlikeIsThatOfEachAlone(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            List<DirectLogitAttribution.Prompt> prompts = new ArrayList<>();
            Random random = new Random(8);
            for (int i = 0; i < 40; i++) {
                int[] ids = random.ints(1 + random.nextInt(9), 0, 40).toArray();
                int[] like =
                        i == 0 ? ids : prompts.get(random.nextInt(i)).input().ids();
                System.arraycopy(like, 0, ids, 0, random.nextInt(1 + Math.min(ids.length, like.length)));
                prompts.add(new DirectLogitAttribution.Prompt(ids, ANSWER, i % 2 == 0 ? FOIL : NO_FOIL));
            }
            Hooks watching = new Hooks(model.points());
            watching.read("blocks.0.hook_resid_pre", (x, point) -> {});
            var expected = DirectLogitAttribution.of(model, prompts, watching);
            var found = DirectLogitAttribution.of(model, prompts, new Hooks(model.points()));
            for (int i = 0; i < prompts.size(); i++) {
                String where =
                        name + ", " + Arrays.toString(prompts.get(i).input().ids());
                assertEquals(expected.get(i).components(), found.get(i).components());
                assertArrayEquals(expected.get(i).shares(), found.get(i).shares(), 2e-5, where);
                assertEquals(expected.get(i).logitDifference(), found.get(i).logitDifference(), 2e-5, where);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"bert-masked, bert", "distilbert-classes, distilbert", "minilm, bert"})
    void attributionIsRefusedWhereTheStreamIsNoSum(String name, String said) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Exception e = assertThrows(
                    AnalysisUndefinedException.class,
                    () -> DirectLogitAttribution.of(model, PROMPT, new Hooks(model.points()), 1, 2));
            assertTrue(e.getMessage().contains("residual stream is the sum"), e.getMessage());
            assertTrue(e.getMessage().contains(said), e.getMessage());
        }
    }

    @Test
    void theLensIsRefusedWhereTheHeadPools() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("roberta-classes"))) {
            Exception e = assertThrows(
                    AnalysisUndefinedException.class,
                    () -> LogitLens.of(model, PROMPT, new Hooks(model.points()), 3, 1, 2));
            assertTrue(e.getMessage().contains("roberta"), e.getMessage());
        }
    }

    /** A logit before the soft cap that some families put on it. */
    private static double uncapped(HookedModel model, NDArray logits, int token) {
        double logit = logits.getFloat(0, token);
        double cap = model.config().head().softCap();
        double share = logit / cap;
        return cap == 0 ? logit : cap * 0.5 * Math.log((1 + share) / (1 - share));
    }

    @ParameterizedTest
    @MethodSource("overTokens")
    void theLensOnTheLastLayerIsTheModelsOutput(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            var readings = LogitLens.of(model, PROMPT, new Hooks(model.points()), 3, ANSWER, FOIL);
            NDArray logits = model.logits(List.of(PROMPT), manager);
            for (int position = 0; position < PROMPT.length; position++) {
                var reading = readings.get(model.config().layers() - 1).get(position);
                assertEquals(logits.getFloat(position, ANSWER), reading.logit(), 1e-5);
                assertEquals(logits.getFloat(position, FOIL), reading.foilLogit(), 1e-5);
            }
        }
    }

    /** The stream after a layer, put in place of that after the last one, gives the logits that the lens reads there. */
    @ParameterizedTest
    @MethodSource("decoders")
    void theLensFollowsTokens(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            List<Integer> followed = List.of(5, ANSWER, 0);
            var query = new LogitLens.Query(2, List.of(ANSWER, FOIL), List.of(), followed);
            var lens = LogitLens.of(model, PROMPT, new Hooks(model.points()), query);
            int last = model.config().layers() - 1;
            for (int layer = 0; layer <= last; layer++) {
                NDArray logits = withStreamOf(model, layer, last, manager);
                for (int position = 0; position < PROMPT.length; position++) {
                    float[] row = logits.get(position).toFloatArray();
                    var reading = lens.get(layer).get(position);
                    double total = 0;
                    for (float logit : row) {
                        total += Math.exp(logit);
                    }
                    for (int i = 0; i < followed.size(); i++) {
                        float own = row[followed.get(i)];
                        int rank = 1;
                        for (float logit : row) {
                            rank += logit > own ? 1 : 0;
                        }
                        assertEquals(own, reading.tokens().get(i).logit(), 1e-5);
                        assertEquals(
                                Math.exp(own) / total, reading.tokens().get(i).probability(), 1e-6);
                        assertEquals(rank, reading.tokens().get(i).rank());
                    }
                    assertEquals((row[ANSWER] + row[FOIL]) / 2, reading.logit(), 1e-5);
                    double either = (Math.exp(row[ANSWER]) + Math.exp(row[FOIL])) / total;
                    assertEquals(either, reading.probability(), 1e-6);
                    assertTrue(Double.isNaN(reading.foilLogit()));
                }
            }
        }
    }

    private static NDArray withStreamOf(HookedModel model, int layer, int last, NDManager manager) {
        Hooks reading = new Hooks(model.points());
        var cache = reading.capture("blocks." + layer + ".hook_resid_post", manager);
        model.logits(List.of(PROMPT), reading, manager);
        Hooks putting = new Hooks(model.points());
        NDArray stream = cache.get("blocks." + layer + ".hook_resid_post");
        putting.edit("blocks." + last + ".hook_resid_post", (x, point) -> stream);
        return model.logits(List.of(PROMPT), putting, manager);
    }

    /** Shares of a set's mean are the means of its tokens' shares. */
    @ParameterizedTest
    @MethodSource("decoders")
    void attributionOfSeveralAnswersIsTheMeanOfTheirs(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Input input = Input.tokens(PROMPT);
            var several = new DirectLogitAttribution.Prompt(input, List.of(7, 3), List.of(11, 2, 5));
            var found = DirectLogitAttribution.of(model, List.of(several), new Hooks(model.points()))
                    .get(0);
            assertEquals(found.logitDifference(), found.sum(), 2e-5);
            double[] expected = new double[found.shares().length];
            for (int token : List.of(7, 3, 11, 2, 5)) {
                var one = DirectLogitAttribution.of(model, PROMPT, new Hooks(model.points()), token, NO_FOIL);
                double weight = several.answers().contains(token) ? 1 / 2.0 : -1 / 3.0;
                for (int i = 0; i < expected.length; i++) {
                    expected[i] += weight * one.shares()[i];
                }
            }
            assertArrayEquals(expected, found.shares(), 2e-5);
        }
    }
}
