package dev.kausal.engine.estimates;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.edits.Changes;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.edits.Target;
import dev.kausal.engine.edits.WithOwnActivation;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.tensor.Slices;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The first-order change of a metric by one cell's edits, and how much they change. */
final class FirstOrder {
    private final HookPoints points;
    private final Sources sources;
    private final @Nullable PatternChanges scores;
    private final Function<String, NDArray> activations;
    private final int run;
    private final int place;
    private double sum;
    private int fired;
    private Changes changes = Changes.NONE;

    /**
     * Starts with no change.
     *
     * @param scores computes the softmax again where asked for; null if its slope is used
     * @param activations returns those of the batch [run, ...] at a site
     * @param run index of the run
     * @param place the run's place in the batch
     */
    FirstOrder(
            HookPoints points,
            Sources sources,
            @Nullable PatternChanges scores,
            Function<String, NDArray> activations,
            int run,
            int place) {
        this.activations = activations;
        this.points = points;
        this.scores = scores;
        this.sources = sources;
        this.run = run;
        this.place = place;
    }

    /**
     * Adds the change by edits of one site, made in order.
     *
     * @param activation [run, ...] at the site
     * @param gradient of the same shape
     */
    void add(List<Edit> edits, NDArray activation, NDArray gradient) {
        HookPoint point = points.named(edits.get(0).site());
        NDArray before = Slices.of(activation, 0, place, place + 1L);
        NDArray slope = Slices.of(gradient, 0, place, place + 1L);
        if (edits.stream().allMatch(edit -> Variant.keeps(edit, run))) {
            // The source is the run itself; what another pass computed of it may differ by rounding.
            fired += edits.size();
            changes = changes.and(Changes.of(before, before));
        } else if (scores != null && PatternChanges.at(point)) {
            NDArray after = after(edits, point, before);
            sum += scores.effect(point, before, after, place);
        } else if (edits.size() == 1) {
            one(edits.get(0), point, before, slope);
        } else {
            sum += product(after(edits, point, before), before, slope);
        }
    }

    /** Returns what all edits of a site make of its activation. */
    private NDArray after(List<Edit> edits, HookPoint point, NDArray before) {
        NDArray after = before.duplicate();
        for (Edit edit : edits) {
            SingleEdit hook = new SingleEdit(edit, sources);
            edit.replacement().reads().ifPresent(site -> hook.see(read(site), points.named(site)));
            after = hook.apply(after, point);
            changes = changes.and(hook.changes());
        }
        fired += edits.size();
        return after;
    }

    /** Adds the change by the only edit of a site, computed on its entries alone. */
    private void one(Edit edit, HookPoint point, NDArray activation, NDArray gradient) {
        Target target = new Target(point, edit.part());
        NDIndex index = target.index(activation, edit.rows());
        NDArray before = activation.get(index);
        Sources read = edit.replacement()
                .reads()
                .<Sources>map(site -> {
                    Target at = new Target(points.named(site), Part.ALL);
                    return new WithOwnActivation(sources, at.cut(read(site), edit.rows()));
                })
                .orElse(sources);
        NDArray after = edit.replacement().of(before, target, read);
        changes = changes.and(Changes.of(before, after));
        fired++;
        sum += product(after, before, gradient.get(index));
    }

    private NDArray read(String site) {
        return Slices.of(activations.apply(site), 0, place, place + 1L);
    }

    /** Returns gradient times change, with masked scores, infinite on both sides, as unchanged. */
    private static double product(NDArray after, NDArray before, NDArray gradient) {
        NDArray change = after.sub(before);
        double product = change.mul(gradient).sum().getFloat();
        if (Double.isFinite(product)) {
            return product;
        }
        NDArray same = after.eq(before);
        NDArray known = NDArrays.where(same, change.zerosLike(), change);
        return known.mul(gradient).sum().getFloat();
    }

    /** Returns the change of the metric, with the audit of the edits. */
    CellOutcome outcome() {
        return new CellOutcome(sum, fired, changes.largest(), changes.size());
    }
}
