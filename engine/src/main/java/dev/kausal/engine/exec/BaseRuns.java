package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.edits.Averaged;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Unedited runs that cells start from: their residual streams, keys and values by layer, and the activations that
 * patches read. Owns its arrays. Once the runs have passed, any number of threads may read.
 */
final class BaseRuns implements KeyValues, PackedEdits.Recorder, Sources, AutoCloseable {
    private final NDManager manager;
    private final Set<HookPoint> sites;
    private final Set<String> pooledSites;
    private final Sources means;
    private final StreamChange streamChange;
    private final Map<Integer, Integer> offsets = new HashMap<>();
    private final Map<Integer, Integer> lengths = new HashMap<>();
    private final Map<Integer, Integer> ordinals = new HashMap<>();
    private final List<List<NDArray>> streams = new ArrayList<>();
    private final List<Map<Integer, NDArray>> keys = new ArrayList<>();
    private final List<Map<Integer, NDArray>> values = new ArrayList<>();
    private final Map<String, List<NDArray>> activations = new HashMap<>();
    private final Map<String, Map<Integer, NDArray>> patterns = new HashMap<>();
    private final Map<Integer, float[]> references = new HashMap<>();
    private @Nullable RowIndex passing;
    private List<PackedRun> packedRuns = List.of();
    private int rows;

    /**
     * Creates storage for base runs.
     *
     * @param sites points whose activations patches read
     * @param means source of means for mean ablation
     */
    BaseRuns(Transformer model, Set<HookPoint> sites, Sources means) {
        int layers = model.config().layers();
        this.manager = model.device().manager();
        this.sites = new HashSet<>(sites);
        this.pooledSites = sites.stream()
                .filter(site -> site.reach() == HookKind.Reach.POOLED)
                .map(HookPoint::name)
                .collect(Collectors.toSet());
        this.means = means;
        this.streamChange = new StreamChange(model);
        for (int layer = 0; layer < layers; layer++) {
            keys.add(new HashMap<>());
            values.add(new HashMap<>());
        }
        for (int layer = 0; layer <= layers; layer++) {
            streams.add(new ArrayList<>(1));
        }
    }

    /** Registers complete runs before their pass. */
    void expect(RowIndex placement, List<PackedRun> these) {
        passing = placement;
        packedRuns = these;
        for (int i = 0; i < these.size(); i++) {
            offsets.put(these.get(i).run(), rows + placement.start()[i]);
            lengths.put(these.get(i).run(), these.get(i).rows().length());
            ordinals.put(these.get(i).run(), ordinals.size());
        }
        rows += placement.layout().rows();
    }

    /** Stores the stream that enters a layer (or leaves the last one, if {@code layer} is the number of layers). */
    void stream(int layer, NDArray stream) {
        streams.get(layer).add(attached(stream.duplicate()));
    }

    private NDArray attached(NDArray array) {
        NDScope.unregister(array);
        array.attach(manager);
        return array;
    }

    /** Returns whether patches read anything after the last layer. */
    boolean wantsEnds() {
        return sites.stream()
                .anyMatch(point -> point.reach() == HookKind.Reach.READOUT || point.reach() == HookKind.Reach.POOLED);
    }

    /** Returns the stream that enters a layer (or leaves the last one) for all runs [row, d_model]. */
    NDArray stream(int layer) {
        return whole(streams.get(layer));
    }

    /** Concatenates the parts of several generations of runs, once. */
    private synchronized NDArray whole(List<NDArray> parts) {
        if (parts.size() > 1) {
            NDArray all = attached(NDArrays.concat(new NDList(parts)));
            parts.forEach(NDArray::close);
            parts.clear();
            parts.add(all);
        }
        return parts.get(0);
    }

    /** Returns the row of a run's position in {@link #stream(int)}. */
    int row(int run, int position) {
        return Present.in(offsets, run) + position;
    }

    /** Returns whether the run is stored. */
    boolean has(int run) {
        return offsets.containsKey(run);
    }

    @Override
    public void keep(int layer, NDArray k, NDArray v, RowLayout layout) {
        int[] starts = Present.of(passing, "run that passes").start();
        for (int i = 0; i < packedRuns.size(); i++) {
            int from = starts[i];
            int to = from + packedRuns.get(i).rows().length();
            int run = packedRuns.get(i).run();
            keys.get(layer)
                    .put(
                            run,
                            attached(
                                    Slices.of(k, 0, from, to).transpose(1, 2, 0).duplicate()));
            values.get(layer)
                    .put(
                            run,
                            attached(
                                    Slices.of(v, 0, from, to).transpose(1, 0, 2).duplicate()));
        }
    }

    @Override
    public NDArray keys(int layer, int run) {
        return Present.in(keys.get(layer), run);
    }

    @Override
    public NDArray values(int layer, int run) {
        return Present.in(values.get(layer), run);
    }

    @Override
    public boolean wants(HookPoint point) {
        return sites.contains(point);
    }

    @Override
    public void rows(HookPoint point, NDArray packed, RowIndex placement) {
        activations.computeIfAbsent(point.name(), name -> new ArrayList<>(1)).add(attached(packed.duplicate()));
    }

    @Override
    public void pattern(HookPoint point, NDArray array, int[] here) {
        for (int i = 0; i < here.length; i++) {
            patterns.computeIfAbsent(point.name(), name -> new HashMap<>())
                    .put(
                            packedRuns.get(here[i]).run(),
                            attached(Slices.of(array, 0, i, i + 1L).duplicate()));
        }
    }

    @Override
    public NDArray activation(int run, String site) {
        Map<Integer, NDArray> ofSite = patterns.get(site);
        if (ofSite != null) {
            return Present.in(ofSite, run);
        }
        boolean pooled = pooledSites.contains(site);
        int offset = Present.in(pooled ? ordinals : offsets, run);
        int length = pooled ? 1 : Present.in(lengths, run);
        return Slices.of(whole(Present.in(activations, site)), 0, offset, offset + length)
                .expandDims(0);
    }

    @Override
    public NDArray added(int run, HookPoint writer, PositionRange rows, NDArray change) {
        return streamChange.added(this, run, writer, rows, change);
    }

    @Override
    public NDArray mean(Averaged over, String site) {
        return means.mean(over, site);
    }

    /** Returns a run's logits at its last position [vocabulary]. */
    float[] reference(int run) {
        return Present.in(references, run);
    }

    /** Stores a run's last logits for metrics that compare with them. */
    void reference(int run, float[] logits) {
        references.put(run, logits);
    }

    @Override
    public void close() {
        manager.close();
    }
}
