package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.plan.Metric;
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;

/** From the stream after the last layer to metrics: only rows and tokens that are read are unembedded. */
final class Readout {
    /** Rows of whole-vocabulary logits that are held at once. */
    private static final int CHUNK = 128;

    private final int layers;
    private final List<Actor> actors;
    private final WaveTaps taps;
    private final Ends ends;
    private final BaseRuns base;
    private final NDArray stream;
    private final Placement placement;

    Readout(
            int layers,
            List<Actor> actors,
            WaveTaps taps,
            Ends ends,
            BaseRuns base,
            NDArray stream,
            Placement placement) {
        this.layers = layers;
        this.actors = actors;
        this.taps = taps;
        this.ends = ends;
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
            if (!edited && !request.metric().tokens().isEmpty()) {
                byToken.add(i);
            } else {
                whole.computeIfAbsent(request.actor(), key -> new Indices()).add(i);
            }
        }
        readTokens(requests, byToken.ints(), found);
        readWhole(requests, whole, found);
        return found;
    }

    private boolean editedAtEnd(Actor actor) {
        return actor.edits().stream()
                .anyMatch(edit -> edit.point().layer() < 0 && edit.point().reach() == HookKind.Reach.READOUT);
    }

    /** Whether the actor's rows include the last position, which most metrics read. */
    boolean reaches(int actor) {
        int[] finals = actors.get(actor).rows().finals();
        return finals.length > 0
                && finals[finals.length - 1] == actors.get(actor).rows().length() - 1;
    }

    private int lastRow(int actor) {
        return placement.row(actor, actors.get(actor).rows().length() - 1);
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
        int[] rows =
                Arrays.stream(which).map(i -> lastRow(requests.get(i).actor())).toArray();
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            NDArray normalized = ends.finalNorm(LayerMaths.gather(stream, local.create(rows)));
            float[] logits = ends.logits(normalized, local.create(tokens)).toFloatArray();
            for (int i = 0; i < which.length; i++) {
                int row = i * tokens.length;
                found[which[i]] = MetricReader.ofTokens(
                        requests.get(which[i]).metric(), token -> logits[row + Arrays.binarySearch(tokens, token)]);
            }
        }
    }

    /** An actor's logits at its last position [vocabulary]. */
    float[] lastLogits(int actor) {
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            int[] rows = editedAtEnd(actors.get(actor))
                    ? actors.get(actor).rows().finals()
                    : new int[] {actors.get(actor).rows().length() - 1};
            NDArray logits = logits(Set.of(actor), index -> rows, local);
            return logits.get((rows.length - 1) + ":").toFloatArray();
        }
    }

    /** Takes every row of every actor past the taps. */
    void everyRow() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            ends.unembed(stream, taps.placed(placement));
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
        Actor its = actors.get(actor);
        int length = its.rows().length();
        if (every) {
            return Segment.range(0, length);
        }
        return editedAtEnd(its) ? its.rows().finals() : new int[] {length - 1};
    }

    private void readChunk(Set<Integer> chunk, List<Request> requests, Map<Integer, Indices> byActor, double[] found) {
        try (NDScope scope = new NDScope();
                NDManager local = Torch.manager()) {
            scope.suppressNotUsedWarning();
            NDArray logits = logits(chunk, actor -> rows(actor, requests, byActor.get(actor)), local);
            int start = 0;
            for (int actor : chunk) {
                int count = rows(actor, requests, byActor.get(actor)).length;
                for (int i : byActor.get(actor).ints()) {
                    Metric metric = requests.get(i).metric();
                    if (!metric.everyPosition() && !reaches(actor)) {
                        continue; // Its rows passed for their edits' audit only.
                    }
                    int first = metric.everyPosition() ? start : start + count - 1;
                    NDArray its = logits.get(first + ":" + (start + count));
                    found[i] = MetricReader.read(metric, its, actors.get(actor).ids(), base);
                }
                start += count;
            }
        }
    }

    /** Logits of some actors' rows, past the taps: their own rows where they have them, the base runs' elsewhere. */
    private NDArray logits(Set<Integer> which, IntFunction<int[]> rows, NDManager local) {
        Placement reading = Placement.of(
                actors,
                actor -> which.contains(actor) ? rows.apply(actor) : null,
                actor -> actors.get(actor).rows().length(),
                rows,
                false);
        taps.place(reading);
        NDArray its = reading.gathered(actors, stream, placement, base, base.lent(layers), local);
        return ends.unembed(its, reading.layout());
    }
}
