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
 * Takes positions out of a run, as edits for a plan's cells: what a model says without the patches or tokens that it
 * looked at. The causal check on a picture of attention.
 */
public final class PositionRemoval {
    /** In what way a position is taken out. */
    public enum How {
        /** Its stream before layer 0 is set to 0, position embedding and all. */
        ZERO,
        /** Its stream before layer 0 becomes the mean over every position of the runs that are named. */
        MEAN,
        /**
         * No query may look at it in any layer: its score is −∞. It still computes, unseen: a head that pools patches
         * still reads it at the end.
         */
        MASK
    }

    private PositionRemoval() {}

    /**
     * The edits of one cell.
     *
     * @param positions that are taken out
     * @param length positions of the run
     * @param meanOf runs of the plan whose mean is put there; read for {@link How#MEAN} only
     * @throws AttentionRangeException where there is no such position, or none would be left to look at
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
            throw new AttentionRangeException("Masking the positions " + Arrays.toString(gone) + " of " + length
                    + " leaves a query nothing to look at. Leave at least one position"
                    + (config.attention().causal() ? ", and the first, that every query may see." : "."));
        }
        Replacement masking = new ScriptFunction(scores -> masked(scores, gone));
        return IntStream.range(0, config.layers())
                .mapToObj(layer -> new Edit(HookKind.ATTN_SCORES.name(layer), PositionRange.ALL, Part.ALL, masking))
                .toList();
    }

    /** Scores [1, head, query, key] with nothing at those keys. */
    private static NDArray masked(NDArray scores, int[] gone) {
        for (int key : gone) {
            scores.set(new NDIndex(":,:,:," + key), Float.NEGATIVE_INFINITY);
        }
        return scores;
    }

    /**
     * The positions with the largest weights, ascending; of equal weights those of lower position first.
     *
     * @param weights [position or patch]
     * @param count at most as many as there are
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
