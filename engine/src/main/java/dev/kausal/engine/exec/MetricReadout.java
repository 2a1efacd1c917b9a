package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.OutputHead;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.TokenMetric;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.tensor.Indices;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;

/** From the stream after the last layer to metrics: only rows and tokens that are read are unembedded. */
final class MetricReadout {
    /** Rows of whole-vocabulary logits that are held at once. */
    private static final int CHUNK = 128;

    private final ModelConfig config;
    private final List<PackedRun> actors;
    private final PackedEdits taps;
    private final OutputHead head;
    private final BaseRuns base;
    private final NDArray stream;
    private final RowIndex placement;

    MetricReadout(
            ModelConfig config,
            List<PackedRun> actors,
            PackedEdits taps,
            OutputHead head,
            BaseRuns base,
            NDArray stream,
            RowIndex placement) {
        this.config = config;
        this.actors = actors;
        this.taps = taps;
        this.head = head;
        this.base = base;
        this.stream = stream;
        this.placement = placement;
    }

    /** A number wanted of one actor. */
    record Request(int actor, Metric metric) {}

    /**
     * Reads numbers.
     *
     * @return one per request; NaN where the actor's rows cannot differ from its base run's at what the metric reads
     */
    double[] read(List<Request> requests) {
        double[] found = new double[requests.size()];
        Arrays.fill(found, Double.NaN);
        Indices byToken = new Indices();
        Map<Integer, Indices> whole = new TreeMap<>();
        for (int i = 0; i < found.length; i++) {
            Request request = requests.get(i);
            boolean edited = editedAtEnd(actors.get(request.actor()));
            boolean every = request.metric().everyPosition();
            if (!edited && !every && !reaches(request.actor())) {
                continue;
            }
            if (!edited
                    && request.metric().ofTokens().isPresent()
                    && !config.head().pooled()) {
                byToken.add(i);
            } else {
                whole.computeIfAbsent(request.actor(), key -> new Indices()).add(i);
            }
        }
        readTokens(requests, byToken.ints(), found);
        readWhole(requests, whole, found);
        return found;
    }

    private static boolean editedAtEnd(PackedRun actor) {
        return actor.edits().stream()
                .map(edit -> edit.point().reach())
                .anyMatch(reach -> reach == HookKind.Reach.READOUT || reach == HookKind.Reach.POOLED);
    }

    /** Whether the actor's rows include one that metrics of one position are read from. */
    boolean reaches(int actor) {
        int[] finals = actors.get(actor).rows().finals();
        return Arrays.stream(read(actor)).anyMatch(row -> Arrays.binarySearch(finals, row) >= 0);
    }

    /** Positions whose rows metrics of one position are read from. */
    private int[] read(int actor) {
        PackedRun its = actors.get(actor);
        return config.rowsRead(its.rows().length(), its.source().read());
    }

    /** Logits of single tokens: one product with the columns that any of these metrics reads. */
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
                    int actor = requests.get(i).actor();
                    return placement.row(actor, actors.get(actor).source().read());
                })
                .toArray();
        try (Scope scope = Torch.scope()) {
            NDManager local = scope.manager();
            NDArray normalized = head.beforeUnembedding(Slices.gather(stream, local.create(rows)));
            float[] logits = head.logits(normalized, local.create(tokens)).toFloatArray();
            for (int i = 0; i < which.length; i++) {
                int row = i * tokens.length;
                TokenMetric metric = requests.get(which[i]).metric().ofTokens().orElseThrow();
                found[which[i]] = metric.of((int token) -> logits[row + Arrays.binarySearch(tokens, token)]);
            }
        }
    }

    /** An actor's outputs at the position that metrics read [output]. */
    float[] outputs(int actor) {
        try (Scope scope = Torch.scope()) {
            NDManager local = scope.manager();
            int[] rows = needed(actor);
            NDArray outputs = outputs(Set.of(actor), index -> rows, local);
            int row = config.head().pooled()
                    ? 0
                    : Arrays.binarySearch(rows, actors.get(actor).source().read());
            return outputs.get(row).toFloatArray();
        }
    }

    /** Positions of an actor that pass the end for a metric of one position: those read, and those with an edit. */
    private int[] needed(int actor) {
        PackedRun its = actors.get(actor);
        return editedAtEnd(its) ? DirtyRows.union(read(actor), its.rows().finals()) : read(actor);
    }

    /** Takes every row of every actor past the taps. */
    void everyRow() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            RowIndex pooled = placement.pooled();
            taps.place(placement, pooled);
            head.outputs(stream, placement.layout(), pooled.layout());
        }
    }

    private void readWhole(List<Request> requests, Map<Integer, Indices> byActor, double[] found) {
        Set<Integer> chunk = new TreeSet<>();
        int rows = 0;
        for (int actor : byActor.keySet()) {
            int[] needed = rows(actor, requests, byActor.get(actor));
            if (rows + needed.length > CHUNK && !chunk.isEmpty()) {
                readChunk(chunk, requests, byActor, found);
                chunk.clear();
                rows = 0;
            }
            chunk.add(actor);
            rows += needed.length;
        }
        if (!chunk.isEmpty()) {
            readChunk(chunk, requests, byActor, found);
        }
    }

    /** Positions of an actor that must be unembedded: those it has an edit on, and those that its metrics read. */
    private int[] rows(int actor, List<Request> requests, Indices which) {
        boolean every = Arrays.stream(which.ints())
                .anyMatch(i -> requests.get(i).metric().everyPosition());
        return every ? AttentionGroup.range(0, actors.get(actor).rows().length()) : needed(actor);
    }

    private void readChunk(Set<Integer> chunk, List<Request> requests, Map<Integer, Indices> byActor, double[] found) {
        try (Scope scope = Torch.scope()) {
            NDManager local = scope.manager();
            NDArray outputs = outputs(chunk, actor -> rows(actor, requests, byActor.get(actor)), local);
            int start = 0;
            for (int actor : chunk) {
                int[] rows = rows(actor, requests, byActor.get(actor));
                int count = config.head().pooled() ? 1 : rows.length;
                NDArray its = Slices.of(outputs, 0, start, start + count);
                for (int i : byActor.get(actor).ints()) {
                    Metric metric = requests.get(i).metric();
                    // Where none of its rows is read, they passed for their edits' audit only.
                    if (metric.everyPosition() || reaches(actor)) {
                        found[i] = metric.of(
                                metric.everyPosition() ? its : at(its, actor, rows),
                                actors.get(actor).source().ids(),
                                base::reference);
                    }
                }
                start += count;
            }
        }
    }

    /** Of outputs of some rows, those that metrics of one position read [1, output]. */
    private NDArray at(NDArray outputs, int actor, int[] rows) {
        if (config.head().pooled()) {
            return outputs;
        }
        int row = Arrays.binarySearch(rows, actors.get(actor).source().read());
        return Slices.of(outputs, 0, row, row + 1);
    }

    /** Outputs of some actors' rows, past the taps: their own rows where they have them, the base runs' elsewhere. */
    private NDArray outputs(Set<Integer> which, IntFunction<int[]> rows, NDManager local) {
        RowIndex reading = RowIndex.of(
                actors,
                actor -> which.contains(actor) ? rows.apply(actor) : null,
                actor -> actors.get(actor).rows().length(),
                rows,
                false);
        RowIndex pooled = reading.pooled();
        taps.place(reading, pooled);
        NDArray its = reading.gathered(actors, stream, placement, base, base.lent(config.layers()), local);
        return head.outputs(its, reading.layout(), pooled.layout());
    }
}
