package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.forward.OutputHead;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the residual stream after each layer as if it were the last (nostalgebraist 2020): final norm, unembedding with
 * bias, soft cap. The last layer's reading equals the model's output.
 */
public final class LogitLens {
    private LogitLens() {}

    /** A token and its probability. */
    public record Likely(int token, double probability) {}

    /**
     * Values of one token in one reading.
     *
     * @param rank 1 if no token has a larger logit
     */
    public record OfToken(double logit, double probability, int rank) {}

    /**
     * Quantities to read.
     *
     * @param top number of most probable tokens
     * @param answers tokens whose mean logit and summed probability are read; may be empty
     * @param foils tokens whose mean logit is read; may be empty
     * @param tokens tokens to follow individually; may be empty
     */
    public record Query(int top, List<Integer> answers, List<Integer> foils, List<Integer> tokens) {
        public Query {
            answers = List.copyOf(answers);
            foils = List.copyOf(foils);
            tokens = List.copyOf(tokens);
        }
    }

    /**
     * One reading.
     *
     * @param likely most probable tokens, best first
     * @param logit logit of the answer, mean over several; NaN without one
     * @param foilLogit logit of the foil, mean over several; NaN without one
     * @param probability probability of the answer, sum over several; NaN without one
     * @param tokens one per token of the query
     */
    public record Reading(
            List<Likely> likely, double logit, double foilLogit, double probability, List<OfToken> tokens) {}

    /**
     * Reads every layer and position of one prompt.
     *
     * @param top number of tokens to keep per reading
     * @param foil a token id, or -1 for none
     * @return [layer][position]; layer l is {@code blocks.l.hook_resid_post}
     */
    public static List<List<Reading>> of(HookedModel model, int[] ids, Hooks hooks, int top, int answer, int foil) {
        List<Integer> foils = foil < 0 ? List.of() : List.of(foil);
        return of(model, ids, hooks, new Query(top, List.of(answer), foils, List.of()));
    }

    /**
     * Reads every layer and position of one prompt.
     *
     * @return [layer][position], layer l is {@code blocks.l.hook_resid_post}
     * @throws AnalysisUndefinedException if the model's head does not read positions as tokens
     * @throws AnalysisRangeException if the query keeps no tokens or more than there are, or names one that there is not
     */
    public static List<List<Reading>> of(HookedModel model, int[] ids, Hooks hooks, Query query) {
        AnalysisUndefinedException.requireTokensPerRow(model.config());
        check(query, model.config().outputs());
        Torch.inference();
        OutputHead head = new OutputHead(model.transformer());
        try (NDManager local = model.device().manager()) {
            // If blocks norm the stream itself, the next block reads that norm's output.
            boolean normed = model.config().block().order().normsSum();
            HookKind leaving = normed ? HookKind.NORMALIZED_RESID_POST : HookKind.RESID_POST;
            ActivationCache cache = hooks.capture(point -> point.kind() == leaving, local);
            model.lastLogits(List.of(ids), hooks, local);
            List<List<Reading>> readings = new ArrayList<>();
            for (int layer = 0; layer < model.config().layers(); layer++) {
                readings.add(layer(head, cache.get(leaving.name(layer)), query));
            }
            return readings;
        }
    }

    private static void check(Query query, int outputs) {
        AnalysisRangeException.check("The number of tokens that a logit lens keeps", query.top(), 1, outputs + 1);
        for (List<Integer> tokens : List.of(query.answers(), query.foils(), query.tokens())) {
            for (int token : tokens) {
                AnalysisRangeException.check("The id of a token that a logit lens reads", token, 0, outputs);
            }
        }
    }

    private static List<Reading> layer(OutputHead head, NDArray stream, Query query) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray logits = head.logits(head.beforeUnembedding(stream.squeeze(0)));
            NDArray log = logits.logSoftmax(-1);
            int top = query.top();
            NDList best = log.topK(top, 1);
            float[] bestLog = best.get(0).toFloatArray();
            long[] bestToken = best.get(1).toLongArray();
            List<Column> answers = columns(logits, log, query.answers(), false);
            List<Column> foils = columns(logits, log, query.foils(), false);
            List<Column> tokens = columns(logits, log, query.tokens(), true);
            List<Reading> readings = new ArrayList<>();
            for (int position = 0; position < logits.getShape().get(0); position++) {
                List<Likely> likely = new ArrayList<>();
                for (int i = position * top; i < (position + 1) * top; i++) {
                    likely.add(new Likely((int) bestToken[i], Math.exp(bestLog[i])));
                }
                List<OfToken> each = new ArrayList<>();
                for (Column column : tokens) {
                    each.add(column.at(position));
                }
                readings.add(new Reading(
                        likely, mean(answers, position), mean(foils, position), sum(answers, position), each));
            }
            return readings;
        }
    }

    /**
     * A token at every position; {@code above} is the number of tokens with a larger logit, or empty if no rank is
     * needed.
     */
    private record Column(float[] logit, float[] log, long[] above) {
        OfToken at(int position) {
            return new OfToken(logit[position], Math.exp(log[position]), 1 + (int) above[position]);
        }
    }

    private static List<Column> columns(NDArray logits, NDArray log, List<Integer> tokens, boolean ranked) {
        List<Column> columns = new ArrayList<>();
        for (int token : tokens) {
            NDArray own = Slices.of(logits, 1, token, token + 1L);
            long[] above = ranked ? above(logits, own) : new long[0];
            float[] ownLog = Slices.of(log, 1, token, token + 1L).toFloatArray();
            columns.add(new Column(own.toFloatArray(), ownLog, above));
        }
        return columns;
    }

    private static long[] above(NDArray logits, NDArray own) {
        return logits.gt(own).sum(new int[] {1}).toLongArray();
    }

    private static double mean(List<Column> columns, int position) {
        return columns.stream()
                .mapToDouble(column -> column.logit()[position])
                .average()
                .orElse(Double.NaN);
    }

    private static double sum(List<Column> columns, int position) {
        return columns.isEmpty()
                ? Double.NaN
                : columns.stream()
                        .mapToDouble(column -> Math.exp(column.log()[position]))
                        .sum();
    }
}
