package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.exec.Continuation;
import dev.kausal.engine.exec.Sampled;
import dev.kausal.engine.exec.TextPrompt;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.requests.Generation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sampled tokens against the model's distribution, computed from its logits in double precision. */
@ExtendWith(NoOpenArrays.class)
final class SampledTest {
    private static final int[] PROMPT = {3, 17, 5, 11};
    private static final int DRAWS = 4000;

    @Test
    void frequenciesFollowTheDistribution() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            for (double temperature : new double[] {0.5, 1, 2}) {
                double[] expected = distribution(model, PROMPT, temperature);
                assertFollows(expected, counts(model, new Sampled(temperature, 1), 0), "first token at " + temperature);
            }
            // The second token, given the likeliest first one.
            List<Continuation> texts = draws(model, new Sampled(1, 1), 2);
            int first = mostFrequent(texts);
            int[] longer = Arrays.copyOf(PROMPT, PROMPT.length + 1);
            longer[PROMPT.length] = first;
            long[] counts = new long[model.config().vocabulary()];
            texts.stream()
                    .filter(text -> text.tokens().get(0) == first)
                    .forEach(text -> counts[text.tokens().get(1)]++);
            assertFollows(distribution(model, longer, 1), counts, "second token");
        }
    }

    private static int mostFrequent(List<Continuation> texts) {
        return texts.stream()
                .collect(Collectors.groupingBy(text -> text.tokens().get(0), Collectors.counting()))
                .entrySet()
                .stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    @Test
    void theNucleusIsTheSmallestSetOfLikelyTokens() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            double[] all = distribution(model, PROMPT, 1);
            int[] likeliest = IntStream.range(0, all.length)
                    .boxed()
                    .sorted((a, b) -> Double.compare(all[b], all[a]))
                    .mapToInt(token -> token)
                    .toArray();
            double[] expected = new double[all.length];
            double within = 0;
            Set<Integer> nucleus = new TreeSet<>();
            for (int i = 0; within < 0.5; i++) {
                within += all[likeliest[i]];
                nucleus.add(likeliest[i]);
            }
            for (int token : nucleus) {
                expected[token] = all[token] / within;
            }
            long[] counts = counts(model, new Sampled(1, 0.5), 0);
            Set<Integer> drawn = IntStream.range(0, counts.length)
                    .filter(token -> counts[token] > 0)
                    .boxed()
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(nucleus, drawn);
            assertFollows(expected, counts, "nucleus");
        }
    }

    @Test
    void equalSeedsGiveEqualTextsAndOthersDiffer() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gemma2"))) {
            List<TextPrompt> prompts = List.of(prompt(1), prompt(2), prompt(1));
            List<Continuation> texts = new Generation(List.of(), prompts, 12, Set.of(), new Sampled(1, 1)).of(model);
            assertEquals(texts.get(0).tokens(), texts.get(2).tokens());
            assertNotEquals(texts.get(0).tokens(), texts.get(1).tokens());
            double[] first = distribution(model, PROMPT, 1);
            int token = texts.get(0).tokens().get(0);
            assertEquals(Math.log(first[token]), texts.get(0).logProbabilities().get(0), 2e-5);
        }
    }

    @Test
    void aLowTemperatureIsNearlyGreedy() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            long[] counts = counts(model, new Sampled(0.001, 1), 0);
            assertEquals(1, Arrays.stream(counts).filter(count -> count > 0).count());
        }
    }

    private static TextPrompt prompt(long seed) {
        return new TextPrompt(Input.tokens(PROMPT), List.of(), seed);
    }

    private static List<Continuation> draws(HookedModel model, Sampled choice, int tokens) {
        List<TextPrompt> prompts =
                IntStream.range(0, DRAWS).mapToObj(SampledTest::prompt).toList();
        return new Generation(List.of(), prompts, tokens, Set.of(), choice).of(model);
    }

    private static long[] counts(HookedModel model, Sampled choice, int place) {
        long[] counts = new long[model.config().vocabulary()];
        draws(model, choice, place + 1).forEach(text -> counts[text.tokens().get(place)]++);
        return counts;
    }

    private static double[] distribution(HookedModel model, int[] ids, double temperature) {
        try (NDManager manager = model.device().manager()) {
            float[] logits =
                    model.logits(List.of(ids), manager).get(ids.length - 1L).toFloatArray();
            double[] weights = new double[logits.length];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Math.exp(logits[i] / temperature);
            }
            double total = Arrays.stream(weights).sum();
            return Arrays.stream(weights).map(weight -> weight / total).toArray();
        }
    }

    /**
     * Pearson's test, with tokens expected fewer than five times taken together. The statistic may exceed its degrees
     * of freedom by five standard deviations; seeds are fixed.
     */
    private static void assertFollows(double[] expected, long[] counts, String what) {
        long total = Arrays.stream(counts).sum();
        double statistic = 0;
        int cells = 0;
        double restExpected = 0;
        long rest = 0;
        for (int token = 0; token < expected.length; token++) {
            double count = expected[token] * total;
            if (count < 5) {
                restExpected += count;
                rest += counts[token];
            } else {
                statistic += (counts[token] - count) * (counts[token] - count) / count;
                cells++;
            }
        }
        if (restExpected >= 5) {
            statistic += (rest - restExpected) * (rest - restExpected) / restExpected;
            cells++;
        }
        int freedom = cells - 1;
        assertTrue(freedom >= 3, what + ": only " + cells + " cells");
        double bound = freedom + 5 * Math.sqrt(2.0 * freedom);
        assertTrue(statistic < bound, what + ": chi-square " + statistic + " with " + freedom + " degrees of freedom");
    }
}
