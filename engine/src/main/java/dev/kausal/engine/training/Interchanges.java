package dev.kausal.engine.training;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.Axis;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.InputBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@link Interchange}s of a batch as hooks of its pass. Base and source are rows of the same pass, so a recorded pass
 * has gradients through both: what is put in place leads back into the pass of the source (interchange intervention
 * training, Geiger et al. 2022).
 */
public final class Interchanges {
    private Interchanges() {}

    /** The place of an input: its run of inputs of equal length, and its number there. */
    private record Place(int segment, int number) {}

    /**
     * Adds the hooks that make {@code interchanges} in a pass of {@code inputs}.
     *
     * @param inputs the batch
     * @throws InterchangeException if the batch or the model cannot make one of them
     * @throws dev.kausal.engine.hooks.UnknownHookPointException if the model lacks a port's point
     */
    public static List<HookHandle> addTo(
            Hooks hooks, HookedModel model, List<Input> inputs, List<Interchange> interchanges) {
        List<AttentionGroup> segments =
                InputBatch.of(model.config(), inputs).layout().segments();
        List<Place> places = places(segments);
        Set<Integer> bases = interchanges.stream().map(Interchange::base).collect(Collectors.toSet());
        Map<HookPoint, SwapHook> swaps = new LinkedHashMap<>();
        for (Interchange one : interchanges) {
            check(one, inputs, places, bases);
            Place base = places.get(one.base());
            for (Port port : one.ports()) {
                HookPoint point = model.points().named(port.site());
                check(one, port, point, model.config());
                swaps.computeIfAbsent(point, at -> new SwapHook(segments.size()))
                        .add(
                                base.segment(),
                                port.part(),
                                base.number(),
                                places.get(one.source()).number());
            }
        }
        List<HookHandle> handles = new ArrayList<>();
        swaps.forEach((point, hook) -> handles.add(hooks.replace(point::equals, hook)));
        return handles;
    }

    private static List<Place> places(List<AttentionGroup> segments) {
        List<Place> places = new ArrayList<>();
        for (int segment = 0; segment < segments.size(); segment++) {
            for (int number = 0; number < segments.get(segment).variants(); number++) {
                places.add(new Place(segment, number));
            }
        }
        return places;
    }

    private static void check(Interchange one, List<Input> inputs, List<Place> places, Set<Integer> bases) {
        int count = inputs.size();
        if (one.base() < 0 || one.base() >= count || one.source() < 0 || one.source() >= count) {
            throw InterchangeException.outside(one, count);
        }
        if (places.get(one.base()).segment() != places.get(one.source()).segment()) {
            throw InterchangeException.apart(
                    one,
                    inputs.get(one.source()).length(),
                    inputs.get(one.base()).length());
        }
        if (bases.contains(one.source())) {
            throw InterchangeException.changedSource(one);
        }
        if (one.ports().isEmpty()) {
            throw InterchangeException.noPorts(one);
        }
    }

    private static void check(Interchange one, Port port, HookPoint point, ModelConfig config) {
        List<Axis> axes = point.axes();
        if (axes.get(0) != Axis.POSITION) {
            throw InterchangeException.noPositions(one, port);
        }
        boolean byHead = point.headAxis().isPresent();
        int heads = byHead ? axes.get(1).size(config, 1) : 1;
        int width = axes.get(axes.size() - 1).size(config, 1);
        Part part = port.part();
        if (!part.fits(heads, width, byHead)) {
            throw InterchangeException.noSuchPart(one, port);
        }
    }
}
