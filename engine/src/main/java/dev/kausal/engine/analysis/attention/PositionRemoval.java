package dev.kausal.engine.analysis.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.MeanOf;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.hooks.HookKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Removes positions from a run, as edits for a plan's cells: the output without the patches or tokens that the model
 * attended to. The causal check of an attention map.
 */
public final class PositionRemoval {
    /** How a position is removed. */
    public enum How {
        /** Sets its stream before layer 0 to 0, including the position embedding. */
        ZERO,
        /** Replaces its stream before layer 0 by the mean over every position of the given runs. */
        MEAN,
        /**
         * Hides it from every query in every layer: its score is −∞. It is still computed, and a head that pools
         * patches still reads it at the end.
         */
        MASK
    }

    private PositionRemoval() {}

    /**
     * Returns the edits of one cell.
     *
     * @param positions positions to remove
     * @param length number of positions of the run
     * @param meanOf runs of the plan to average; used for {@link How#MEAN} only
     * @throws AttentionRangeException if a position does not exist, or none would be left to attend to
     */
    public static List<Edit> edits(ModelConfig config, int[] positions, int length, How how, List<Integer> meanOf) {
        Arrays.stream(positions).forEach(position -> AttentionRangeException.check("Position", position, length));
        int[] gone = Arrays.stream(positions).distinct().sorted().toArray();
        return switch (how) {
            case MASK -> masks(config, gone, length);
            case ZERO -> streams(gone, new Zero());
            case MEAN -> streams(gone, new MeanOf(meanOf));
        };
    }

    private static List<Edit> streams(int[] gone, Replacement value) {
        String site = HookKind.RESID_PRE.name(0);
        List<Edit> edits = new ArrayList<>();
        for (int i = 0; i < gone.length; ) {
            int end = i + 1;
            while (end < gone.length && gone[end] == gone[end - 1] + 1) {
                end++;
            }
            edits.add(new Edit(site, new PositionRange(gone[i], gone[end - 1]), Part.ALL, value));
            i = end;
        }
        return edits;
    }

    private static List<Edit> masks(ModelConfig config, int[] gone, int length) {
        boolean nothingLeft = config.attention().causal() ? Arrays.binarySearch(gone, 0) >= 0 : gone.length == length;
        if (nothingLeft) {
            throw new AttentionRangeException("Masking positions " + Arrays.toString(gone) + " of " + length
                    + " leaves a query nothing to attend to. Keep at least one position"
                    + (config.attention().causal() ? ", including the first, which every query sees." : "."));
        }
        Replacement masking = new ScriptFunction(scores -> masked(scores, gone));
        return IntStream.range(0, config.layers())
                .mapToObj(layer -> new Edit(HookKind.ATTN_SCORES.name(layer), PositionRange.ALL, Part.ALL, masking))
                .toList();
    }

    /** Returns the scores [1, head, query, key] with −∞ at those keys. */
    private static NDArray masked(NDArray scores, int[] gone) {
        for (int key : gone) {
            scores.set(new NDIndex(":,:,:," + key), Float.NEGATIVE_INFINITY);
        }
        return scores;
    }

    /**
     * Returns the positions with the largest weights, ascending; ties go to the lower position.
     *
     * @param weights [position or patch]
     * @param count at most the number of positions
     */
    public static int[] most(double[] weights, int count) {
        AttentionRangeException.check("Number of positions", count, weights.length + 1);
        return IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -weights[i]))
                .limit(count)
                .mapToInt(i -> i)
                .sorted()
                .toArray();
    }
}
