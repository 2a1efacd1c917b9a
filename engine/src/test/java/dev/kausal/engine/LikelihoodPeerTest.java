package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.metrics.LogLikelihood;
import dev.kausal.engine.metrics.MetricException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Log-likelihoods of continuations against those of transformers; bench/likelihood.py wrote them. */
@ExtendWith(NoOpenArrays.class)
final class LikelihoodPeerTest {
    private static final List<Executor> EXECUTORS = List.of(new BatchedExecutor(1L << 28), new PlainExecutor());

    private record Measured(
            String text,
            List<String> answers,
            int[] prompt,
            List<int[]> continuations,
            List<Double> logLikelihoods,
            List<Double> withoutHead) {}

    private record Tiny(Map<String, List<Measured>> models) {}

    private record SmolLm2(int layer, int head, List<Measured> texts) {}

    static List<String> decoders() {
        return TinyModels.DECODERS;
    }

    private static Reader open(String name) {
        return new InputStreamReader(
                LikelihoodPeerTest.class.getResourceAsStream("/likelihood/" + name), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void tinyModelsGiveTheLibrarysLikelihoods(String name) throws Exception {
        List<Measured> expected;
        try (Reader file = open("tiny.json")) {
            expected = new Gson().fromJson(file, Tiny.class).models().get(name);
        }
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            for (Executor executor : EXECUTORS) {
                compare(model, executor, expected, List.of(), Measured::logLikelihoods, 2e-5);
            }
        }
    }

    @Test
    void smolLm2GivesTheLibrarysLikelihoods() throws Exception {
        SmolLm2 peer;
        try (Reader file = open("smollm2.json")) {
            peer = new Gson().fromJson(file, SmolLm2.class);
        }
        try (HookedModel model = HookedModel.open(RealModels.smolLm2())) {
            for (Measured text : peer.texts()) {
                assertArrayEquals(text.prompt(), ids(model, text.text()));
                for (int i = 0; i < text.answers().size(); i++) {
                    assertArrayEquals(
                            text.continuations().get(i),
                            ids(model, text.answers().get(i)));
                }
            }
            Edit zero = new Edit(
                    "blocks." + peer.layer() + ".attn.hook_z",
                    PositionRange.ALL,
                    new Part.Head(peer.head()),
                    new Zero());
            Executor executor = EXECUTORS.get(0);
            compare(model, executor, peer.texts(), List.of(), Measured::logLikelihoods, 1e-4);
            compare(model, executor, peer.texts(), List.of(zero), Measured::withoutHead, 1e-4);
        }
    }

    @Test
    void aContinuationHasATokenAndAPrompt() throws Exception {
        assertThrows(MetricException.class, () -> new LogLikelihood(0));
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            Run run = new Run(Input.tokens(1, 2), 1, List.of());
            SweepPlan plan = new SweepPlan(List.of(run), List.of(new Cell(0, List.of(), new LogLikelihood(2))));
            assertThrows(MetricException.class, () -> new PlainExecutor().execute(model, plan, done -> {}));
        }
    }

    private static int[] ids(HookedModel model, String text) {
        return model.tokenizer().orElseThrow().frame(text, null).ids();
    }

    private interface Expected {
        List<Double> of(Measured measured);
    }

    /** Compares all continuations of all prompts, computed as one plan. */
    private static void compare(
            HookedModel model,
            Executor executor,
            List<Measured> measured,
            List<Edit> edits,
            Expected expected,
            double tolerance) {
        List<Run> runs = new ArrayList<>();
        List<Cell> cells = new ArrayList<>();
        for (Measured one : measured) {
            for (int[] continuation : one.continuations()) {
                int[] ids = IntStream.concat(IntStream.of(one.prompt()), IntStream.of(continuation))
                        .toArray();
                cells.add(new Cell(runs.size(), edits, new LogLikelihood(continuation.length)));
                runs.add(new Run(Input.tokens(ids), one.prompt().length - 1, List.of()));
            }
        }
        List<CellOutcome> found = executor.execute(model, new SweepPlan(runs, cells), done -> {});
        int next = 0;
        for (Measured one : measured) {
            List<Double> numbers = expected.of(one);
            for (int i = 0; i < numbers.size(); i++) {
                double value = found.get(next++).value();
                assertEquals(numbers.get(i), value, tolerance, executor.name() + ", continuation " + i);
            }
        }
    }
}
