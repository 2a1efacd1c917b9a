package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.exec.Continuation;
import dev.kausal.engine.exec.Greedy;
import dev.kausal.engine.exec.TextPrompt;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.requests.Generation;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Greedy texts against those of transformers' generate; bench/generation.py wrote them. */
@ExtendWith(NoOpenArrays.class)
final class GenerationPeerTest {
    private record Written(
            String text,
            int[] prompt,
            List<Integer> tokens,
            List<Double> logProbabilities,
            List<Integer> second,
            List<Double> gap) {}

    private record Tiny(Map<String, List<Written>> models) {}

    private record SmolLm2(List<Integer> ends, List<Written> texts) {}

    static List<String> decoders() {
        return TinyModels.DECODERS;
    }

    private static Reader open(String name) {
        return new InputStreamReader(
                GenerationPeerTest.class.getResourceAsStream("/generation/" + name), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void tinyModelsWriteTheLibrarysTokens(String name) throws Exception {
        List<Written> expected;
        try (Reader file = open("tiny.json")) {
            expected = new Gson().fromJson(file, Tiny.class).models().get(name);
        }
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            compare(model, expected, Set.of(), 2e-5, expected.size() - 1);
        }
    }

    @Test
    void smolLm2WritesTheLibrarysTokens() throws Exception {
        SmolLm2 peer;
        try (Reader file = open("smollm2.json")) {
            peer = new Gson().fromJson(file, SmolLm2.class);
        }
        try (HookedModel model = HookedModel.open(RealModels.smolLm2())) {
            for (Written text : peer.texts()) {
                assertArrayEquals(
                        text.prompt(),
                        model.tokenizer().orElseThrow().frame(text.text(), null).ids());
            }
            assertEquals(peer.ends(), model.endTokens());
            compare(
                    model,
                    peer.texts(),
                    new HashSet<>(peer.ends()),
                    2e-4,
                    peer.texts().size() - 2);
        }
    }

    /**
     * Compares texts token by token. Where they part, the library's two best tokens must be closer than rounding, and
     * the other one must have been chosen; what follows then differs.
     *
     * @param noise rounding of logits and log probabilities
     * @param least texts that must be equal to the end
     */
    private static void compare(HookedModel model, List<Written> expected, Set<Integer> ends, double noise, int least) {
        List<TextPrompt> prompts = expected.stream()
                .map(text -> new TextPrompt(Input.tokens(text.prompt()), List.of(), 0))
                .toList();
        int tokens =
                expected.stream().mapToInt(text -> text.tokens().size()).max().orElseThrow();
        List<Continuation> found = new Generation(List.of(), prompts, tokens, ends, new Greedy()).of(model);
        int equal = 0;
        for (int i = 0; i < expected.size(); i++) {
            equal += follows(expected.get(i), found.get(i), noise, "text " + i) ? 1 : 0;
        }
        assertTrue(equal >= least, "only " + equal + " of " + expected.size() + " texts are equal to the end");
    }

    private static boolean follows(Written expected, Continuation found, double noise, String what) {
        for (int i = 0; i < expected.tokens().size(); i++) {
            String where = what + ", token " + i;
            int token = found.tokens().get(i);
            if (token != expected.tokens().get(i)) {
                assertEquals(expected.second().get(i), token, where);
                assertTrue(
                        expected.gap().get(i) < noise,
                        where + ": " + expected.gap().get(i));
                return false;
            }
            assertEquals(
                    expected.logProbabilities().get(i), found.logProbabilities().get(i), noise, where);
        }
        assertEquals(expected.tokens().size(), found.tokens().size(), what);
        return true;
    }
}
