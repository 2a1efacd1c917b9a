package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.forward.OutputHead;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.TokenMetric;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Indices;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Computes metrics from the stream after the last layer, unembedding only the rows and tokens that they read. */
final class MetricReadout {
    private final Device device;
    private final ModelConfig config;
    private final List<PackedRun> packedRuns;
    private final PackedEdits packedHooks;
    private final OutputHead head;
    private final BaseRuns base;
    private final @Nullable NDArray stream;
    private final @Nullable RowIndex placement;

    MetricReadout(
            Transformer model,
            List<PackedRun> packedRuns,
            PackedEdits packedHooks,
            OutputHead head,
            BaseRuns base,
            @Nullable NDArray stream,
            @Nullable RowIndex placement) {
        this.device = model.device();
        this.config = model.config();
        this.packedRuns = packedRuns;
        this.packedHooks = packedHooks;
        this.head = head;
        this.base = base;
        this.stream = stream;
        this.placement = placement;
    }

    /** A metric of one packed run. */
    record Request(int packedRun, Metric metric) {}

    /**
     * Computes metrics.
     *
     * @return one value per request; NaN if the packed run's rows cannot differ from its base run's where the metric
     *     reads
     */
    double[] read(List<Request> requests) {
        double[] found = new double[requests.size()];
        Arrays.fill(found, Double.NaN);
        Indices byToken = new Indices();
        Map<Integer, Indices> whole = new TreeMap<>();
        for (int i = 0; i < found.length; i++) {
            Request request = requests.get(i);
            boolean edited = editedAtEnd(packedRuns.get(request.packedRun()));
            if (!edited && !reaches(request.packedRun(), request.metric())) {
                continue;
            }
            if (!edited
                    && request.metric().ofTokens().isPresent()
                    && !config.head().pooled()) {
                byToken.add(i);
            } else {
                whole.computeIfAbsent(request.packedRun(), key -> new Indices()).add(i);
            }
        }
        readTokens(requests, byToken.ints(), found);
        readWhole(requests, whole, found);
        return found;
    }

    private static boolean editedAtEnd(PackedRun packedRun) {
        return packedRun.edits().stream()
                .map(edit -> edit.point().reach())
                .anyMatch(reach -> reach == HookKind.Reach.READOUT || reach == HookKind.Reach.POOLED);
    }

    /** Returns whether the packed run has a row that a metric reads. */
    boolean reaches(int packedRun, Metric metric) {
        int[] finals = packedRuns.get(packedRun).rows().finals();
        return Arrays.stream(read(packedRun, metric)).anyMatch(row -> Arrays.binarySearch(finals, row) >= 0);
    }

    /** Returns the positions that a metric reads. */
    private int[] read(int packedRun, Metric metric) {
        return metric.positions(packedRuns.get(packedRun).rows().length()).orElseGet(() -> read(packedRun));
    }

    /** Returns the positions that single-position metrics read. */
    private int[] read(int packedRun) {
        PackedRun packed = packedRuns.get(packedRun);
        return config.rowsRead(packed.rows().length(), packed.source().read());
    }

    /** Computes logits of single tokens: one product with the columns that any of these metrics reads. */
    private void readTokens(List<Request> requests, int[] which, double[] found) {
        if (which.length == 0) {
            return;
        }
        int[] tokens = Arrays.stream(which)
                .mapToObj(i -> requests.get(i).metric())
                .flatMapToInt(metric -> metric.tokens().stream().mapToInt(Integer::intValue))
                .sorted()
                .distinct()
                .toArray();
        int[] rows = Arrays.stream(which)
                .map(i -> {
                    int packedRun = requests.get(i).packedRun();
                    return Present.of(placement, "row")
                            .row(packedRun, packedRuns.get(packedRun).source().read());
                })
                .toArray();
        try (Scope scope = device.scope()) {
            NDManager local = scope.manager();
            NDArray normalized = head.beforeUnembedding(Slices.gather(Present.of(stream, "row"), local.create(rows)));
            float[] logits = head.logits(normalized, tokens, local).toFloatArray();
            for (int i = 0; i < which.length; i++) {
                int row = i * tokens.length;
                TokenMetric metric = requests.get(which[i]).metric().ofTokens().orElseThrow();
                found[which[i]] = metric.of((int token) -> logits[row + Arrays.binarySearch(tokens, token)]);
            }
        }
    }

    /** Returns a packed run's outputs at the position that metrics read [output]. */
    float[] outputs(int packedRun) {
        try (Scope scope = device.scope()) {
            NDManager local = scope.manager();
            int[] rows = needed(packedRun);
            NDArray outputs = outputs(Set.of(packedRun), index -> rows, local);
            int row = config.head().pooled()
                    ? 0
                    : Arrays.binarySearch(
                            rows, packedRuns.get(packedRun).source().read());
            return outputs.get(row).toFloatArray();
        }
    }

    /**
     * Returns the positions of a packed run needed for a single-position metric: those read, and those with an edit.
     */
    private int[] needed(int packedRun) {
        PackedRun packed = packedRuns.get(packedRun);
        return editedAtEnd(packed)
                ? DirtyRows.union(read(packedRun), packed.rows().finals())
                : read(packedRun);
    }

    /** Passes every row of every packed run through the final hooks. */
    void everyRow() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            RowIndex all = Present.of(placement, "row");
            RowIndex pooled = all.pooled();
            packedHooks.place(all, pooled);
            head.outputs(Present.of(stream, "row"), all.layout(), pooled.layout());
        }
    }

    private void readWhole(List<Request> requests, Map<Integer, Indices> byRun, double[] found) {
        Set<Integer> chunk = new TreeSet<>();
        int rows = 0;
        for (Map.Entry<Integer, Indices> entry : byRun.entrySet()) {
            int packedRun = entry.getKey();
            int[] needed = rows(packedRun, requests, entry.getValue());
            if (rows + needed.length > device.tuning().logitRows() && !chunk.isEmpty()) {
                readChunk(chunk, requests, byRun, found);
                chunk.clear();
                rows = 0;
            }
            chunk.add(packedRun);
            rows += needed.length;
        }
        if (!chunk.isEmpty()) {
            readChunk(chunk, requests, byRun, found);
        }
    }

    /** Returns the positions of a packed run to unembed: those with an edit, and those that its metrics read. */
    private int[] rows(int packedRun, List<Request> requests, Indices which) {
        int[] rows = editedAtEnd(packedRuns.get(packedRun)) ? needed(packedRun) : new int[0];
        for (int i : which.ints()) {
            rows = DirtyRows.union(rows, read(packedRun, requests.get(i).metric()));
        }
        return rows;
    }

    private void readChunk(Set<Integer> chunk, List<Request> requests, Map<Integer, Indices> byRun, double[] found) {
        try (Scope scope = device.scope()) {
            NDManager local = scope.manager();
            NDArray outputs =
                    outputs(chunk, packedRun -> rows(packedRun, requests, Present.in(byRun, packedRun)), local);
            int start = 0;
            for (int packedRun : chunk) {
                Indices wanted = Present.in(byRun, packedRun);
                int[] rows = rows(packedRun, requests, wanted);
                int count = config.head().pooled() ? 1 : rows.length;
                NDArray rowsOut = Slices.of(outputs, 0, start, start + count);
                for (int i : wanted.ints()) {
                    Metric metric = requests.get(i).metric();
                    // If none of its rows is read, they pass only for the audit of their edits.
                    if (reaches(packedRun, metric)) {
                        found[i] = metric.of(
                                config.head().pooled() ? rowsOut : at(rowsOut, rows, read(packedRun, metric), local),
                                packedRuns.get(packedRun).source().ids(),
                                base::reference);
                    }
                }
                start += count;
            }
        }
    }

    /** Selects the outputs of {@code wanted} among those of {@code rows} [wanted, output]. */
    private static NDArray at(NDArray outputs, int[] rows, int[] wanted, NDManager local) {
        int[] found =
                Arrays.stream(wanted).map(row -> Arrays.binarySearch(rows, row)).toArray();
        int first = found[0];
        int last = found[found.length - 1];
        boolean consecutive = last - first == found.length - 1;
        return consecutive ? Slices.of(outputs, 0, first, last + 1) : Slices.gather(outputs, local.create(found));
    }

    /** Returns the outputs of packed runs' rows after the hooks: their own rows if computed, else the base runs'. */
    private NDArray outputs(Set<Integer> which, IntFunction<int[]> rows, NDManager local) {
        RowIndex reading = RowIndex.of(
                packedRuns,
                packedRun -> which.contains(packedRun) ? rows.apply(packedRun) : null,
                packedRun -> packedRuns.get(packedRun).rows().length(),
                rows,
                0);
        RowIndex pooled = reading.pooled();
        packedHooks.place(reading, pooled);
        NDArray gathered = reading.gathered(packedRuns, stream, placement, base, base.stream(config.layers()), local);
        return head.outputs(gathered, reading.layout(), pooled.layout());
    }
}
