package dev.kausal.engine.estimates;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.edits.Target;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The runs' own edits, and the entries that gradients do not flow back from, as hooks on a batch of equal lengths. */
final class VariantHooks {
    private final List<Run> runs;
    private final List<Variant> variants;
    private final Sources sources;

    /** An edit that has read an earlier point of its layer. */
    private record Waiting(int place, Edit edit) {}

    private final Map<Waiting, SingleEdit> waiting = new HashMap<>();

    private VariantHooks(List<Run> runs, List<Variant> variants, Sources sources) {
        this.runs = runs;
        this.variants = variants;
        this.sources = sources;
    }

    /**
     * Creates the hooks of a batch.
     *
     * @param runs the plan's runs
     * @param variants in the order of the batch
     */
    static Hooks of(HookedModel model, List<Run> runs, List<Variant> variants, Sources sources) {
        Set<String> sites = new TreeSet<>();
        for (Variant variant : variants) {
            runs.get(variant.run()).edits().forEach(edit -> {
                sites.add(edit.site());
                edit.replacement().reads().ifPresent(sites::add);
            });
            variant.fixed().forEach(entries -> sites.add(entries.site()));
        }
        Hooks hooks = new Hooks(model.points());
        VariantHooks made = new VariantHooks(runs, variants, sources);
        hooks.replace(point -> sites.contains(point.name()), made::apply);
        return hooks;
    }

    private NDArray apply(NDArray activation, HookPoint point) {
        NDList parts = new NDList();
        for (int i = 0; i < variants.size(); i++) {
            parts.add(apply(Slices.of(activation, 0, i, i + 1L), point, i));
        }
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    private NDArray apply(NDArray own, HookPoint point, int place) {
        Variant variant = variants.get(place);
        NDArray now = own;
        for (Edit edit : runs.get(variant.run()).edits()) {
            if (edit.site().equals(point.name())) {
                SingleEdit made = waiting.remove(new Waiting(place, edit));
                now = (made == null ? new SingleEdit(edit, sources) : made).apply(Recording.copy(now), point);
            }
        }
        for (Edit edit : runs.get(variant.run()).edits()) {
            if (edit.replacement().reads().filter(point.name()::equals).isPresent()) {
                SingleEdit made = new SingleEdit(edit, sources);
                made.see(now, point);
                waiting.put(new Waiting(place, edit), made);
            }
        }
        for (Variant.Entries entries : variant.fixed()) {
            if (entries.site().equals(point.name())) {
                NDIndex index = new Target(point, entries.part()).index(now, entries.rows());
                NDArray constant = now.stopGradient().get(index);
                now = Recording.copy(now);
                now.set(index, constant);
            }
        }
        return now;
    }
}
