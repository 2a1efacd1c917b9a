package dev.kausal.engine.estimates;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.ScoreChanges;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Slices;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Effects of edits of queries, keys and scores with the softmax computed again: the change of the pattern times the
 * gradient there (Kramár et al. 2024). A change of any number of keys at once is exact up to the pattern.
 */
final class PatternChanges {
    private final ScoreChanges changes;
    private final List<Run> runs;
    private final Function<String, NDArray> activations;
    private final Function<String, NDArray> gradients;
    private final NDManager local;

    /**
     * Creates the changes of a batch.
     *
     * @param changes how scores follow queries and keys
     * @param runs the runs of the batch
     * @param activations by name of the point, of every point of {@link #read}
     * @param gradients likewise
     */
    PatternChanges(
            ScoreChanges changes,
            List<Run> runs,
            Function<String, NDArray> activations,
            Function<String, NDArray> gradients,
            NDManager local) {
        this.changes = changes;
        this.runs = runs;
        this.activations = activations;
        this.gradients = gradients;
        this.local = local;
    }

    /** Returns whether edits at a point go through the softmax. */
    static boolean at(HookPoint point) {
        return point.kind() == HookKind.ATTN_SCORES || ScoreChanges.at(point);
    }

    /**
     * Returns the names of points whose activations and gradients edits at a point need besides its own.
     *
     * @throws ObjectiveException if scores are not linear in what the point holds
     */
    static Set<String> read(ModelConfig config, ScoreChanges changes, HookPoint point) {
        Set<String> read = new TreeSet<>();
        if (at(point)) {
            read.add(HookKind.ATTN_SCORES.name(point.layer()));
            read.add(HookKind.PATTERN.name(point.layer()));
        }
        if (ScoreChanges.at(point)) {
            if (!ScoreChanges.fit(config, point)) {
                throw ObjectiveException.notLinear(point.name());
            }
            read.add(changes.other(point).name(point.layer()));
        }
        return read;
    }

    /** Returns the effect of the change at a point in the run of this place of the batch. */
    double effect(HookPoint point, NDArray before, NDArray after, int place) {
        int layer = point.layer();
        NDArray scores = own(activations, HookKind.ATTN_SCORES.name(layer), place);
        NDArray edited = after;
        if (point.kind() != HookKind.ATTN_SCORES) {
            NDArray other = own(activations, changes.other(point).name(layer), place);
            InputBatch input = new InputBatch(List.of(runs.get(place).input()));
            edited = scores.add(changes.of(point, after.sub(before), other, input.layout(), local));
        }
        String pattern = HookKind.PATTERN.name(layer);
        NDArray change = edited.softmax(-1).sub(own(activations, pattern, place));
        return change.mul(own(gradients, pattern, place)).sum().getFloat();
    }

    private static NDArray own(Function<String, NDArray> of, String site, int place) {
        return Slices.of(of.apply(site), 0, place, place + 1L);
    }
}
