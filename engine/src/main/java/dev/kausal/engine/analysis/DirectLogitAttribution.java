package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.forward.LastPositionPass;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.TokenMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.ParallelGroups;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Splits a logit, a difference of two logits, or a difference of the means of several, into what each component wrote to
 * the residual stream (Elhage et al. 2021; Nostalgebraist 2020 for the frozen norm).
 *
 * <p>Components are the embeddings, every head, every MLP and every bias. The final norm is made linear by taking its
 * scale from the full stream, on raw weights, so that the shares sum to the logit difference up to rounding; the same
 * holds for a norm between a component and the stream (Gemma 2, OLMo 2). For a classifier, components are their outputs
 * at the positions that its head reads: [CLS], or the patches, each weighted as in their mean. If the model caps its
 * logits (Gemma 2), the last component is the effect of the cap, so that the shares still sum to the model's own
 * difference. A share is not an ablation: it says what was written, not what would change without it.
 */
public final class DirectLogitAttribution {
    private DirectLogitAttribution() {}

    /**
     * The shares of one run.
     *
     * @param components in the order in which they write
     * @param shares logits, [component]
     * @param logitDifference logit difference of the forward pass, including a final soft cap
     */
    public record Shares(List<Component> components, double[] shares, double logitDifference) {
        /** Returns the sum of the shares, in double precision. */
        public double sum() {
            return Arrays.stream(shares).sum();
        }
    }

    /**
     * An input and the outputs to attribute.
     *
     * @param answers tokens, or classes, whose mean logit it is; at least one
     * @param foils tokens or classes whose mean logit is taken off; may be empty
     */
    public record Prompt(Input input, List<Integer> answers, List<Integer> foils) {
        public Prompt {
            answers = List.copyOf(answers);
            foils = List.copyOf(foils);
        }

        /** Creates a prompt with one answer, and a foil or {@link #NO_FOIL}. */
        public Prompt(Input input, int answer, int foil) {
            this(input, List.of(answer), foil == NO_FOIL ? List.of() : List.of(foil));
        }

        /** Creates a prompt of tokens [position]. */
        public Prompt(int[] ids, int answer, int foil) {
            this(Input.tokens(ids), answer, foil);
        }

        /** Returns the attributed metric. */
        TokenMetric metric() {
            return foils.isEmpty() ? new Logit(answers) : new LogitDifference(answers, foils);
        }
    }

    /** Foil for attributing the answer's logit alone. */
    public static final int NO_FOIL = -1;

    /**
     * Attributes logit(answer) − logit(foil) at the last position of each prompt, or of the whole image.
     *
     * @param hooks edits to run under, or an empty set; reading hooks are added during the run
     * @return shares, one per prompt
     * @throws AnalysisUndefinedException if the residual stream is not a sum (BERT), or the head transforms it
     *     nonlinearly
     */
    public static List<Shares> of(HookedModel model, List<Prompt> prompts, Hooks hooks) {
        AnalysisUndefinedException.requireSummedStream(model.config());
        Torch.inference();
        // Hooks may come from a script: these run on one thread and see every position.
        boolean watched = !hooks.isEmpty();
        boolean lastOnly = !watched && LastPositionPass.fits(model.config());
        int lanes = watched ? 1 : Torch.threads();
        Comparator<Input> order = lastOnly ? LastPositionPass.ORDER : Comparator.comparingInt(Input::length);
        InputBatch.of(model.config(), prompts.stream().map(Prompt::input).toList());
        Shares[] shares = new Shares[prompts.size()];
        List<Runnable> passes = new ArrayList<>();
        for (List<Integer> together : passes(model, prompts, order, lanes)) {
            List<Prompt> batch = together.stream().map(prompts::get).toList();
            passes.add(() -> {
                Hooks own = watched ? hooks : new Hooks(model.points());
                List<Shares> found = attributed(model, batch, own, lastOnly);
                for (int i = 0; i < found.size(); i++) {
                    shares[together.get(i)] = found.get(i);
                }
            });
        }
        ParallelGroups.run(lanes, passes);
        return List.of(shares);
    }

    /** Returns the indices of the prompts of each pass: neighbours in {@code order}, spread evenly over the lanes. */
    private static List<List<Integer>> passes(
            HookedModel model, List<Prompt> prompts, Comparator<Input> order, int lanes) {
        ModelConfig config = model.config();
        Tuning tuning = model.device().tuning();
        int total = prompts.stream().mapToInt(prompt -> prompt.input().length()).sum();
        int most = Math.min(tuning.attributionRows(), Math.max(tuning.worthwhileRows(), (total + lanes - 1) / lanes));
        List<Integer> sorted = IntStream.range(0, prompts.size())
                .boxed()
                .sorted(Comparator.comparing(index -> prompts.get(index).input(), order))
                .toList();
        List<List<Integer>> passes = new ArrayList<>();
        int rows = 0;
        int read = 0;
        for (int index : sorted) {
            int length = prompts.get(index).input().length();
            int itsRead = ReadRows.positions(config, length).length;
            if (passes.isEmpty() || rows >= most || rows + length > tuning.attributionRows() || itsRead != read) {
                passes.add(new ArrayList<>());
                rows = 0;
            }
            passes.get(passes.size() - 1).add(index);
            rows += length;
            read = itsRead;
        }
        return passes;
    }

    /** Attributes one prompt. */
    public static Shares of(HookedModel model, int[] ids, Hooks hooks, int answer, int foil) {
        return of(model, List.of(new Prompt(ids, answer, foil)), hooks).get(0);
    }

    private static List<Shares> attributed(HookedModel model, List<Prompt> prompts, Hooks hooks, boolean lastOnly) {
        Torch.inference();
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            int read = ReadRows.positions(model.config(), prompts.get(0).input().length()).length;
            ReadRows rows = new ReadRows(model.config(), read, local);
            List<Input> inputs = prompts.stream().map(Prompt::input).toList();
            NDArray logits = lastOnly
                    ? new LastPositionPass(model.transformer()).run(inputs, DirectLogitAttribution::isRead, rows, local)
                    : wholePass(model, inputs, hooks, rows, local);
            ReadDirections directions =
                    new ReadDirections(model.config(), model.weights(), model.points(), rows, prompts);
            return new ComponentSums(model, directions, prompts).shares(logits);
        }
    }

    private static NDArray wholePass(
            HookedModel model, List<Input> inputs, Hooks hooks, ReadRows rows, NDManager local) {
        try (HookHandle reading = hooks.read(DirectLogitAttribution::isRead, rows)) {
            InputBatch batch = new InputBatch(inputs);
            NDArray logits = new ForwardPass(model.transformer(), hooks).run(batch, batch.lastRows(), local);
            if (reading.fired() == 0) {
                throw new IllegalStateException("the pass reached no hook point");
            }
            return logits;
        }
    }

    private static boolean isRead(HookPoint point) {
        return switch (point.kind()) {
            case EMBED, POS_EMBED, FULL_EMBED, Z, MLP_OUT, FINAL_SCALE, FINAL_NORMALIZED -> true;
            case LN1_POST_SCALE, LN2_POST_SCALE -> true;
            default -> false;
        };
    }
}
