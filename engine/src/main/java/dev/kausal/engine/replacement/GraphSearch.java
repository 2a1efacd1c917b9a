package dev.kausal.engine.replacement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.features.ActiveFeatures;
import dev.kausal.engine.features.Scaling;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the attribution graph of a prompt (Ameisen et al. 2025): rows of the logits first, then those of the features with the largest
 * influence on them, which is computed again after each step.
 */
public final class GraphSearch {
    /** Recorded arrays of a layer until the backward pass, in those of one forward layer. */
    private static final long RECORDED = 2;

    private final HookedModel model;
    private final List<LayerTranscoder> transcoders;
    private final GraphSettings settings;
    private final ActiveNodes nodes;
    private final LinearPass pass;
    /** Layer of each active feature, and its number in the layer. */
    private final int[] layers;

    private final int[] inLayer;
    private final List<float[]> rows = new ArrayList<>();
    private final List<Integer> targets = new ArrayList<>();

    private GraphSearch(
            HookedModel model,
            List<LayerTranscoder> transcoders,
            GraphSettings settings,
            ActiveNodes nodes,
            LinearPass pass) {
        this.model = model;
        this.transcoders = transcoders;
        this.settings = settings;
        this.nodes = nodes;
        this.pass = pass;
        int[] counts = IntStream.range(0, nodes.layers())
                .map(layer -> nodes.features(layer).features().length)
                .toArray();
        this.layers = new int[Arrays.stream(counts).sum()];
        this.inLayer = new int[layers.length];
        int next = 0;
        for (int layer = 0; layer < counts.length; layer++) {
            for (int i = 0; i < counts[layer]; i++) {
                layers[next] = layer;
                inLayer[next++] = i;
            }
        }
    }

    /**
     * Returns the graph of a prompt.
     *
     * @param read position whose logits are nodes
     * @param transcoders one per layer, in order
     * @param budget bytes beyond the weights; at least one copy of the prompt is recorded
     * @throws dev.kausal.engine.family.StreamedWeightsException if the model is streamed: the recording of all layers would
     *     hold their weights
     * @throws ReplacementException if the model or the transcoders have no local replacement model
     */
    public static AttributionGraph of(
            HookedModel model,
            Input input,
            int read,
            List<LayerTranscoder> transcoders,
            GraphSettings settings,
            long budget) {
        Torch.inference();
        ReplacementException.check(model.config());
        model.weights().requireResident("An attribution graph needs");
        if (transcoders.size() != model.config().layers()) {
            throw ReplacementException.otherLayers(model.config().layers(), transcoders.size());
        }
        for (LayerTranscoder transcoder : transcoders) {
            if (transcoder.dictionary().config().scaling() != Scaling.NONE) {
                throw ReplacementException.notLinear(transcoder);
            }
        }
        int copies = copies(model, input.length(), budget);
        try (ActiveNodes nodes = ActiveNodes.of(model, input, read, transcoders, settings.skip());
                LinearPass pass = new LinearPass(model, input, read, transcoders, copies)) {
            return new GraphSearch(model, transcoders, settings, nodes, pass).found();
        }
    }

    /** Returns how many copies of a prompt run together: as many as are faster together and fit. */
    private static int copies(HookedModel model, int length, long budget) {
        int fast = model.device().tuning().saturatedRows() / length;
        long fit = budget / copyBytes(model.config(), length);
        return (int) Math.max(1, Math.min(fast, fit));
    }

    /** Returns the bytes of one copy of a prompt of {@code length} positions. */
    public static long copyBytes(ModelConfig config, int length) {
        return length * (RECORDED * config.layers() * new Sizes(config).rowBytes(length));
    }

    private AttributionGraph found() {
        double[] probabilities = softmax(nodes.logits());
        int[] logits = likely(probabilities);
        double[] weights =
                Arrays.stream(logits).mapToDouble(token -> probabilities[token]).toArray();
        float[] values = logitRows(logits);
        int most = Math.min(settings.maxFeatures(), layers.length);
        BitSet visited = new BitSet();
        while (visited.cardinality() < most) {
            int missing = most - visited.cardinality();
            List<Integer> next = most == layers.length
                    ? IntStream.range(0, most).boxed().toList()
                    : ranked(weights, visited).subList(0, Math.min(settings.step(), missing));
            for (int from = 0; from < next.size(); from += pass.copies()) {
                featureRows(next.subList(from, Math.min(next.size(), from + pass.copies())));
            }
            next.forEach(visited::set);
        }
        return graph(visited, logits, weights, values);
    }

    /** Returns the features without rows, those with the largest influence first. */
    private List<Integer> ranked(double[] weights, BitSet visited) {
        double[] influence = Influence.of(rows, weights, targets);
        return IntStream.range(0, layers.length)
                .filter(feature -> !visited.get(feature))
                .boxed()
                .sorted(Comparator.comparingDouble(feature -> -influence[feature]))
                .toList();
    }

    /** Adds the rows of logits and returns their values minus the mean. */
    private float[] logitRows(int[] logits) {
        float[] values = new float[logits.length];
        for (int from = 0; from < logits.length; from += pass.copies()) {
            int to = Math.min(logits.length, from + pass.copies());
            try (NDManager local = model.device().manager();
                    NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                NDArray unembedding = model.weights().unembed();
                NDArray mean = unembedding.mean(new int[] {1});
                NDArray chosen = local.create(Arrays.copyOfRange(logits, from, to));
                NDArray columns = Slices.gather(unembedding.transpose(), chosen).sub(mean);
                Injection injection = new Injection(nodes.layers(), new int[to - from], columns);
                rows.addAll(List.of(pass.rows(List.of(injection), nodes)));
                float[] found = pass.logits(columns);
                System.arraycopy(found, 0, values, from, found.length);
            }
        }
        return values;
    }

    private void featureRows(List<Integer> features) {
        List<Integer> byLayer = features.stream().sorted().toList();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<Injection> injections = new ArrayList<>();
            for (int from = 0; from < byLayer.size(); ) {
                int layer = layers[byLayer.get(from)];
                int to = from;
                while (to < byLayer.size() && layers[byLayer.get(to)] == layer) {
                    to++;
                }
                ActiveFeatures own = nodes.features(layer);
                int[] entries = byLayer.subList(from, to).stream()
                        .mapToInt(feature -> inLayer[feature])
                        .toArray();
                int[] positions =
                        Arrays.stream(entries).map(i -> own.positions()[i]).toArray();
                int[] numbers =
                        Arrays.stream(entries).map(i -> own.features()[i]).toArray();
                NDArray vectors = transcoders.get(layer).dictionary().encoders(numbers);
                injections.add(new Injection(layer, positions, vectors));
                from = to;
            }
            rows.addAll(List.of(pass.rows(injections, nodes)));
            targets.addAll(byLayer);
        }
    }

    private int[] likely(double[] probabilities) {
        List<Integer> order = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble(token -> -probabilities[token]))
                .limit(settings.maxLogits())
                .toList();
        double sum = 0;
        int count = 0;
        while (count < order.size() && sum < settings.probability()) {
            sum += probabilities[order.get(count++)];
        }
        return order.subList(0, count).stream().mapToInt(Integer::intValue).toArray();
    }

    private static double[] softmax(float[] logits) {
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit);
        }
        double[] shares = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            shares[i] = Math.exp(logits[i] - most);
            sum += shares[i];
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    private AttributionGraph graph(BitSet visited, int[] logits, double[] weights, float[] values) {
        int[] chosen = visited.stream().toArray();
        int others = (nodes.layers() + 1) * nodes.positions();
        int[] kept = new int[chosen.length + others];
        System.arraycopy(chosen, 0, kept, 0, chosen.length);
        for (int i = 0; i < others; i++) {
            kept[chosen.length + i] = layers.length + i;
        }
        float[][] sorted = new float[chosen.length + logits.length][];
        for (int i = 0; i < logits.length; i++) {
            sorted[chosen.length + i] = columns(rows.get(i), kept);
        }
        for (int i = 0; i < targets.size(); i++) {
            int row = Arrays.binarySearch(chosen, targets.get(i));
            sorted[row] = columns(rows.get(logits.length + i), kept);
        }
        AttributionGraph.ActiveFeature[] features =
                Arrays.stream(chosen).mapToObj(this::feature).toArray(AttributionGraph.ActiveFeature[]::new);
        return new AttributionGraph(
                nodes.layers(), nodes.positions(), layers.length, features, logits, weights, values, sorted);
    }

    private AttributionGraph.ActiveFeature feature(int index) {
        ActiveFeatures own = nodes.features(layers[index]);
        int entry = inLayer[index];
        return new AttributionGraph.ActiveFeature(
                layers[index], own.positions()[entry], own.features()[entry], own.values()[entry]);
    }

    private static float[] columns(float[] row, int[] kept) {
        float[] some = new float[kept.length];
        for (int i = 0; i < kept.length; i++) {
            some[i] = row[kept[i]];
        }
        return some;
    }
}
