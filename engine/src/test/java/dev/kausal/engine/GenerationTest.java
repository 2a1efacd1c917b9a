package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.GivenVector;
import dev.kausal.engine.edits.MeanOf;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.Continuation;
import dev.kausal.engine.exec.GenerationException;
import dev.kausal.engine.exec.Greedy;
import dev.kausal.engine.exec.PlainSources;
import dev.kausal.engine.exec.Sampled;
import dev.kausal.engine.exec.TextEdit;
import dev.kausal.engine.exec.TextEdit.During;
import dev.kausal.engine.exec.TextPrompt;
import dev.kausal.engine.exec.TokenChoice;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.requests.Generation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Written texts against whole passes over the same tokens, which store no keys and values. */
@ExtendWith(NoOpenArrays.class)
final class GenerationTest {
    /** Rounding of log probabilities of the tiny models, in nats. */
    private static final double NOISE = 2e-5;

    private static final int TOKENS = 8;
    private static final int[] PROMPT = {3, 17, 5, 11};
    private static final int[] OTHER = {7, 2, 29, 13};

    static List<String> decoders() {
        return TinyModels.DECODERS;
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void textsUnderEditsAreThoseOfWholePasses(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            List<Run> runs = List.of(new Run(PROMPT, List.of()), new Run(OTHER, List.of()));
            List<TextPrompt> prompts = new ArrayList<>();
            for (During during : During.values()) {
                for (Replacement replacement : List.of(new Zero(), added(model), new MeanOf(List.of(0, 1)))) {
                    prompts.add(prompt(PROMPT, edit("blocks.1.hook_attn_out", replacement, during)));
                }
                prompts.add(prompt(OTHER, head(during), edit("blocks.0.hook_mlp_out", new Zero(), During.ALL)));
            }
            PositionRange middle = new PositionRange(1, 2);
            prompts.add(prompt(
                    PROMPT,
                    new TextEdit(
                            new Edit("blocks.1.hook_resid_pre", middle, Part.ALL, new FromRun(1, middle)),
                            During.ALL)));
            prompts.add(prompt(PROMPT, edit("blocks.0.attn.hook_z", new FromRun(1, PositionRange.ALL), During.PROMPT)));
            prompts.add(prompt(PROMPT, edit("ln_final.hook_normalized", halved(), During.ANSWER)));
            prompts.add(prompt(PROMPT));
            prompts.add(prompt(OTHER));
            List<Continuation> texts = new Generation(runs, prompts, TOKENS, Set.of(), new Greedy()).of(model);
            for (int i = 0; i < prompts.size(); i++) {
                compare(model, runs, prompts.get(i), texts.get(i), name + ", prompt " + i);
                boolean edited = !prompts.get(i).edits().isEmpty();
                assertEquals(edited, texts.get(i).changes().largest() > 0, name + ", prompt " + i);
            }
        }
    }

    private static TextPrompt prompt(int[] ids, TextEdit... edits) {
        return new TextPrompt(Input.tokens(ids), List.of(edits), 1);
    }

    private static TextEdit edit(String site, Replacement replacement, During during) {
        return new TextEdit(new Edit(site, PositionRange.ALL, Part.ALL, replacement), during);
    }

    private static TextEdit head(During during) {
        return new TextEdit(new Edit("blocks.1.attn.hook_z", PositionRange.ALL, new Part.Head(1), new Zero()), during);
    }

    private static Replacement added(HookedModel model) {
        List<Float> vector = new ArrayList<>(Collections.nCopies(model.config().dModel(), 0f));
        vector.set(2, 1.5f);
        vector.set(5, -2f);
        return new GivenVector(vector, true);
    }

    private static Replacement halved() {
        return new ScriptFunction(x -> x.mul(0.5f));
    }

    /** Compares each token with the logits of a whole pass over all tokens before it. */
    private static void compare(HookedModel model, List<Run> runs, TextPrompt prompt, Continuation text, String what) {
        assertEquals(TOKENS, text.tokens().size(), what);
        int length = prompt.input().length();
        int[] ids = prompt.input().ids();
        for (int i = 0; i < TOKENS; i++) {
            float[] logs = logProbabilities(model, runs, prompt, ids);
            int token = text.tokens().get(i);
            assertEquals(logs[token], text.logProbabilities().get(i), NOISE, what + ", token " + i);
            float best = Float.NEGATIVE_INFINITY;
            for (float log : logs) {
                best = Math.max(best, log);
            }
            assertEquals(best, logs[token], NOISE, what + ", token " + i + " is not the likeliest");
            ids = Arrays.copyOf(ids, length + i + 1);
            ids[length + i] = token;
        }
    }

    private static float[] logProbabilities(HookedModel model, List<Run> runs, TextPrompt prompt, int[] ids) {
        int length = prompt.input().length();
        List<Edit> edits = prompt.edits().stream()
                .map(edit -> edit.edit().rows().all() ? edit.edit().at(range(edit, length, ids.length)) : edit.edit())
                .toList();
        List<Cell> cells = List.of(new Cell(0, edits, new Logit(0)));
        try (PlainSources sources = PlainSources.collect(model, new SweepPlan(runs, cells));
                NDManager manager = model.device().manager()) {
            Hooks hooks = new Hooks(model.points());
            edits.forEach(edit -> hooks.edit(edit.site(), new SingleEdit(edit, sources)));
            NDArray logits = model.logits(List.of(ids), hooks, manager).get(ids.length - 1L);
            return logits.logSoftmax(0).toFloatArray();
        }
    }

    private static PositionRange range(TextEdit edit, int prompt, int length) {
        return switch (edit.during()) {
            case PROMPT -> new PositionRange(0, prompt - 1);
            case ANSWER -> new PositionRange(prompt - 1, length - 1);
            case ALL -> new PositionRange(0, length - 1);
        };
    }

    @Test
    void aTextDoesNotDependOnTheOthers() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            List<TextPrompt> prompts =
                    List.of(prompt(PROMPT), prompt(new int[] {9}), prompt(PROMPT, head(During.ALL)), prompt(new int[] {
                        1, 2, 3, 4, 5, 6, 7
                    }));
            for (TokenChoice choice : List.of(new Greedy(), new Sampled(1.5, 0.9))) {
                List<Continuation> together = write(model, prompts, Set.of(), choice);
                for (int i = 0; i < prompts.size(); i++) {
                    Continuation alone = write(model, List.of(prompts.get(i)), Set.of(), choice)
                            .get(0);
                    assertEquals(alone.tokens(), together.get(i).tokens());
                }
            }
        }
    }

    private static List<Continuation> write(
            HookedModel model, List<TextPrompt> prompts, Set<Integer> ends, TokenChoice choice) {
        return new Generation(List.of(), prompts, TOKENS, ends, choice).of(model);
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void textsStopAtEndTokens(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Random random = new Random(5);
            List<TextPrompt> prompts = new ArrayList<>();
            for (int length : new int[] {1, 2, 2, 3, 6, 9}) {
                int[] ids = random.ints(length, 0, model.config().vocabulary()).toArray();
                prompts.add(prompt(ids));
                prompts.add(prompt(ids, edit("blocks.0.hook_mlp_out", added(model), During.ANSWER)));
            }
            List<Continuation> whole = write(model, prompts, Set.of(), new Greedy());
            Set<Integer> ends = new TreeSet<>(
                    List.of(whole.get(0).tokens().get(1), whole.get(3).tokens().get(3)));
            List<Continuation> cut = write(model, prompts, ends, new Greedy());
            for (int i = 0; i < prompts.size(); i++) {
                List<Integer> tokens = whole.get(i).tokens();
                int end = 0;
                while (end < TOKENS && !ends.contains(tokens.get(end))) {
                    end++;
                }
                boolean ended = end < TOKENS;
                assertEquals(ended, cut.get(i).ended(), name);
                assertEquals(
                        tokens.subList(0, ended ? end + 1 : end), cut.get(i).tokens(), name);
                // Texts that go on must keep their own keys and values, whose effect on the choice may be small.
                for (int token = 0; token < cut.get(i).tokens().size(); token++) {
                    double before = whole.get(i).logProbabilities().get(token);
                    assertEquals(before, cut.get(i).logProbabilities().get(token), NOISE, name);
                }
            }
        }
    }

    @Test
    void writingLeavesNothingOpen() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gemma2"))) {
            List<TextPrompt> prompts = List.of(prompt(PROMPT), prompt(PROMPT, head(During.ALL)), prompt(new int[] {9}));
            int first = write(model, prompts, Set.of(), new Greedy())
                    .get(0)
                    .tokens()
                    .get(2);
            NoOpenArrays.during(model, () -> write(model, prompts, Set.of(first), new Greedy()));
            List<TextPrompt> failing = List.of(prompt(
                    PROMPT, edit("blocks.0.hook_mlp_out", new ScriptFunction(x -> x.mul(Float.NaN)), During.ANSWER)));
            NoOpenArrays.during(
                    model,
                    () -> assertThrows(GenerationException.class, () -> write(model, failing, Set.of(), new Greedy())));
        }
    }

    @Test
    void whatCannotBeWrittenIsRefused() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"))) {
            assertEquals(
                    "Prompt 1 has 25 tokens, and 8 more exceed the model's context of 32. Write at most 7, or shorten"
                            + " the prompt.",
                    refused(model, prompt(PROMPT), prompt(new int[25])));
            assertEquals(
                    "The edit at blocks.0.attn.hook_pattern changes attention itself, which is not possible while text"
                            + " is written. Edit queries, keys, values or z instead.",
                    refused(model, prompt(PROMPT, edit("blocks.0.attn.hook_pattern", new Zero(), During.ALL))));
            TextEdit outside = new TextEdit(
                    new Edit("blocks.0.hook_mlp_out", PositionRange.at(4), Part.ALL, new Zero()), During.ALL);
            assertEquals(
                    "The edit at blocks.0.hook_mlp_out names position 4, but prompt 0 has positions 0 to 3.",
                    refused(model, prompt(PROMPT, outside)));
        }
        try (HookedModel model = HookedModel.open(TinyModels.folder("bert-masked"))) {
            assertTrue(refused(model, prompt(PROMPT)).startsWith("Only a model that predicts the next token"));
        }
    }

    private static String refused(HookedModel model, TextPrompt... prompts) {
        return assertThrows(GenerationException.class, () -> write(model, List.of(prompts), Set.of(), new Greedy()))
                .getMessage();
    }

    @Test
    void theContextCanBeFilled() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"))) {
            int[] ids = new int[24];
            Continuation text =
                    write(model, List.of(prompt(ids)), Set.of(), new Greedy()).get(0);
            assertEquals(TOKENS, text.tokens().size());
        }
    }

    @Test
    void editsOfThePromptAndOfTheAnswerDiffer() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            List<Continuation> texts = write(
                    model,
                    List.of(prompt(PROMPT, head(During.PROMPT)), prompt(PROMPT, head(During.ANSWER))),
                    Set.of(),
                    new Greedy());
            assertNotEquals(texts.get(0).logProbabilities(), texts.get(1).logProbabilities());
        }
    }
}
