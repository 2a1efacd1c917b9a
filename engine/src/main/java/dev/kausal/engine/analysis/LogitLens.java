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
 * Reads the residual stream after each layer as if it were the last (nostalgebraist 2020): its own final norm, then the
 * unembedding with its bias and soft cap. The last layer's reading is the model's output.
 */
public final class LogitLens {
    private LogitLens() {}

    /** A token and its probability. */
    public record Likely(int token, double probability) {}

    /**
     * One reading.
     *
     * @param likely the most probable tokens, best first
     * @param logit of the answer
     * @param foilLogit of the foil; NaN without one
     * @param probability of the answer
     */
    public record Reading(List<Likely> likely, double logit, double foilLogit, double probability) {}

    /**
     * Reads every layer and position of one prompt.
     *
     * @param top how many tokens to keep per reading
     * @param foil a token id, or -1 for none
     * @return [layer][position], layer l being {@code blocks.l.hook_resid_post}
     */
    public static List<List<Reading>> of(HookedModel model, int[] ids, Hooks hooks, int top, int answer, int foil) {
        AnalysisUndefinedException.requireTokensPerRow(model.config());
        Torch.inference();
        OutputHead head = new OutputHead(model.transformer());
        try (NDManager local = model.device().manager()) {
            // Where blocks norm the stream itself, the next block reads what that norm gives.
            boolean normed = model.config().block().order().normsSum();
            HookKind leaving = normed ? HookKind.NORMALIZED_RESID_POST : HookKind.RESID_POST;
            ActivationCache cache = hooks.capture(point -> point.kind() == leaving, local);
            model.lastLogits(List.of(ids), hooks, local);
            List<List<Reading>> readings = new ArrayList<>();
            for (int layer = 0; layer < model.config().layers(); layer++) {
                readings.add(layer(head, cache.get(leaving.name(layer)), top, answer, foil));
            }
            return readings;
        }
    }

    private static List<Reading> layer(OutputHead head, NDArray stream, int top, int answer, int foil) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray logits = head.logits(head.beforeUnembedding(stream.squeeze(0)));
            NDArray log = logits.logSoftmax(-1);
            NDList best = log.topK(top, 1);
            float[] bestLog = best.get(0).toFloatArray();
            long[] bestToken = best.get(1).toLongArray();
            float[] answers = Slices.of(logits, 1, answer, answer + 1L).toFloatArray();
            float[] foils =
                    foil < 0 ? null : Slices.of(logits, 1, foil, foil + 1L).toFloatArray();
            float[] answerLog = Slices.of(log, 1, answer, answer + 1L).toFloatArray();
            List<Reading> readings = new ArrayList<>();
            for (int position = 0; position < answers.length; position++) {
                List<Likely> likely = new ArrayList<>();
                for (int i = position * top; i < (position + 1) * top; i++) {
                    likely.add(new Likely((int) bestToken[i], Math.exp(bestLog[i])));
                }
                double foilLogit = foils == null ? Double.NaN : foils[position];
                readings.add(new Reading(likely, answers[position], foilLogit, Math.exp(answerLog[position])));
            }
            return readings;
        }
    }
}
