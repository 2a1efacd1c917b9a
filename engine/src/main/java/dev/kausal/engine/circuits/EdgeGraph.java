package dev.kausal.engine.circuits;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.HookKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The edges of a model: from each component that writes to the residual stream to each reader that it reaches. Edges
 * are numbered reader by reader; those of one reader start with the embedding.
 *
 * <p>Writers are the embedding (the stream that enters the first layer), heads and MLPs, in the order of the pass, so
 * that a reader is reached by the first ones up to its own place. Position embeddings are equal in two inputs of one
 * length, and biases in all inputs: they are no writers. {@link Reader}s of keys and values are per key-value head.
 */
public final class EdgeGraph {
    private final int layers;
    private final int heads;
    private final int keyValueHeads;
    private final List<Component> writers = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Integer> sources = new ArrayList<>();
    private final List<Integer> first = new ArrayList<>();
    private final Map<String, Integer> writerNumbers = new HashMap<>();
    private final Map<String, Integer> readerNumbers = new HashMap<>();
    private final int size;

    /**
     * Creates the graph of a model with these choices.
     *
     * @throws CircuitUndefinedException if its residual stream is not a sum
     */
    public EdgeGraph(ModelConfig config) {
        this(
                config.layers(),
                config.heads(),
                config.keyValueHeads(),
                config.block().order().parallel());
        CircuitUndefinedException.requireSum(config);
    }

    /**
     * Creates the graph of a model of these sizes.
     *
     * @param parallel whether the MLP of a block does not read the outputs of its heads
     */
    public EdgeGraph(int layers, int heads, int keyValueHeads, boolean parallel) {
        this.layers = layers;
        this.heads = heads;
        this.keyValueHeads = keyValueHeads;
        writers.add(new Component.Embed());
        int edges = 0;
        for (int layer = 0; layer < layers; layer++) {
            edges = addLayer(layer, edges, parallel);
        }
        this.size = add(new Reader(Reader.Kind.LOGITS, layers - 1, 0), writers.size(), edges);
        writers.forEach(writer -> writerNumbers.put(writer.label(), writerNumbers.size()));
        readers.forEach(reader -> readerNumbers.put(reader.label(), readerNumbers.size()));
    }

    private int addLayer(int layer, int before, boolean parallel) {
        int edges = before;
        int reaching = writers.size();
        for (Reader.Kind kind : List.of(Reader.Kind.QUERY, Reader.Kind.KEY, Reader.Kind.VALUE)) {
            for (int head = 0; head < readers(kind); head++) {
                edges = add(new Reader(kind, layer, head), reaching, edges);
            }
        }
        for (int head = 0; head < heads; head++) {
            writers.add(new Component.Head(layer, head));
        }
        int reachingMlp = parallel ? reaching : writers.size();
        edges = add(new Reader(Reader.Kind.MLP, layer, 0), reachingMlp, edges);
        writers.add(new Component.Mlp(layer));
        return edges;
    }

    private int add(Reader reader, int reaching, int edges) {
        readers.add(reader);
        sources.add(reaching);
        first.add(edges);
        return edges + reaching;
    }

    /** Returns the number of edges. */
    public int size() {
        return size;
    }

    /** Returns the number of layers. */
    public int layers() {
        return layers;
    }

    /** Returns the number of heads of each layer. */
    public int heads() {
        return heads;
    }

    /** Returns the writers, in the order of the pass. */
    public List<Component> writers() {
        return Collections.unmodifiableList(writers);
    }

    /** Returns the readers, in the order of the pass: queries, keys, values and MLP of each layer, then the logits. */
    public List<Reader> readers() {
        return Collections.unmodifiableList(readers);
    }

    /** Returns how many writers reach a reader: the first ones. */
    public int sources(int reader) {
        return sources.get(reader);
    }

    /**
     * Returns the number of the edge from a writer to a reader.
     *
     * @throws IllegalArgumentException if the writer does not reach the reader
     */
    public int edge(int writer, int reader) {
        if (writer < 0 || writer >= sources(reader)) {
            throw new IllegalArgumentException("writer " + writer + " does not reach "
                    + readers.get(reader).label());
        }
        return first.get(reader) + writer;
    }

    /** Returns the number of the reader of an edge. */
    public int reader(int edge) {
        int low = 0;
        int high = first.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (first.get(middle) <= edge) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Returns the number of the writer of an edge. */
    public int writer(int edge) {
        return edge - first.get(reader(edge));
    }

    /** Returns the number of a layer's first head among the writers; its other heads and its MLP follow. */
    public int firstHead(int layer) {
        return 1 + layer * (heads + 1);
    }

    /** Returns the number of the first reader of a kind in a layer. */
    public int firstReader(Reader.Kind kind, int layer) {
        int perLayer = heads + 2 * keyValueHeads + 1;
        int before = layer * perLayer;
        return switch (kind) {
            case QUERY -> before;
            case KEY -> before + heads;
            case VALUE -> before + heads + keyValueHeads;
            case MLP -> before + perLayer - 1;
            case LOGITS -> readers.size() - 1;
        };
    }

    /** Returns how many readers a kind has in one layer. */
    public int readers(Reader.Kind kind) {
        return switch (kind) {
            case QUERY -> heads;
            case KEY, VALUE -> keyValueHeads;
            case MLP, LOGITS -> 1;
        };
    }

    /** Returns the readers through which a writer sees the stream: none for the embedding. */
    public List<Integer> readersOf(int writer) {
        Component component = writers.get(writer);
        if (component instanceof Component.Head head) {
            int shared = head.head() / (heads / keyValueHeads);
            return List.of(
                    firstReader(Reader.Kind.QUERY, head.layer()) + head.head(),
                    firstReader(Reader.Kind.KEY, head.layer()) + shared,
                    firstReader(Reader.Kind.VALUE, head.layer()) + shared);
        }
        return component instanceof Component.Mlp mlp ? List.of(firstReader(Reader.Kind.MLP, mlp.layer())) : List.of();
    }

    /** Returns the hook point and the units that show what a writer puts out; of the embedding, the first stream. */
    public Port output(int writer) {
        Component component = writers.get(writer);
        return component instanceof Component.Embed
                ? new Port(HookKind.RESID_PRE, 0, Part.ALL)
                : component.writer().orElseThrow();
    }

    /** Returns the name of an edge in results: {@code L3H5 -> L7.q5}. */
    public String label(int edge) {
        int reader = reader(edge);
        return writers.get(edge - first.get(reader)).label() + " -> "
                + readers.get(reader).label();
    }

    /** Returns the names of all edges. */
    public List<String> labels() {
        return IntStream.range(0, size).mapToObj(this::label).toList();
    }

    /** Returns the edge with this name; empty if the model has none. */
    public OptionalInt find(String label) {
        String[] ends = label.split(" -> ", -1);
        Integer writer = ends.length == 2 ? writerNumbers.get(ends[0]) : null;
        Integer reader = ends.length == 2 ? readerNumbers.get(ends[1]) : null;
        return writer == null || reader == null || writer >= sources(reader)
                ? OptionalInt.empty()
                : OptionalInt.of(edge(writer, reader));
    }

    /** Returns the set of all edges. */
    public BitSet all() {
        BitSet all = new BitSet(size);
        all.set(0, size);
        return all;
    }
}
