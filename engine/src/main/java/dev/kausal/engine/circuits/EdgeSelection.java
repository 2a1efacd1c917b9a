package dev.kausal.engine.circuits;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/** Orders edges by their scores, so that the first n are the circuit of n edges, and drops edges that hang loose. */
public final class EdgeSelection {
    private EdgeSelection() {}

    /** Returns all edges, the highest score first; equal ones in the graph's order. */
    public static List<Integer> highest(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer edge) -> -scores[edge]))
                .toList();
    }

    /** Returns all edges, the largest absolute score first; equal ones in the graph's order. */
    public static List<Integer> largest(double[] scores) {
        return highest(Arrays.stream(scores).map(Math::abs).toArray());
    }

    /**
     * Returns edges from the logits upwards: at each step the largest absolute score among the edges whose reader's
     * component is already an end of a chosen edge. Edges that never get a connected reader are absent.
     */
    public static List<Integer> greedy(EdgeGraph graph, double[] scores) {
        return greedy(graph, scores, graph.all());
    }

    /** Returns the edges of {@link #greedy(EdgeGraph, double[])} in a model that has no edges but those {@code among}. */
    public static List<Integer> greedy(EdgeGraph graph, double[] scores, BitSet among) {
        List<Integer> chosen = new ArrayList<>();
        BitSet open = new BitSet();
        BitSet connected = new BitSet();
        PriorityQueue<Integer> next =
                new PriorityQueue<>(Comparator.comparingDouble((Integer edge) -> -Math.abs(scores[edge]))
                        .thenComparing(edge -> edge));
        open(graph, graph.readers().size() - 1, open, next);
        while (!next.isEmpty()) {
            int edge = next.remove();
            if (!among.get(edge)) {
                continue;
            }
            chosen.add(edge);
            int writer = graph.writer(edge);
            if (!connected.get(writer)) {
                connected.set(writer);
                graph.readersOf(writer).forEach(reader -> open(graph, reader, open, next));
            }
        }
        return chosen;
    }

    private static void open(EdgeGraph graph, int reader, BitSet open, PriorityQueue<Integer> next) {
        if (!open.get(reader)) {
            open.set(reader);
            IntStream.range(0, graph.sources(reader)).forEach(writer -> next.add(graph.edge(writer, reader)));
        }
    }

    /**
     * Returns the edges of a circuit without those that hang loose: an edge counts only if its writer is the embedding
     * or has an edge into one of its readers, and its reader is the logits or that of a component with an edge out. The
     * others do not change what the circuit computes.
     */
    public static BitSet pruned(EdgeGraph graph, BitSet circuit) {
        BitSet kept = (BitSet) circuit.clone();
        BitSet loose = new BitSet();
        do {
            loose.clear();
            BitSet read = new BitSet();
            BitSet written = new BitSet();
            kept.stream().forEach(edge -> {
                read.set(graph.reader(edge));
                written.set(graph.writer(edge));
            });
            BitSet alive = alive(graph, read, written);
            BitSet useful = useful(graph, alive);
            kept.stream()
                    .filter(edge -> !alive.get(graph.writer(edge)) || !useful.get(graph.reader(edge)))
                    .forEach(loose::set);
            kept.andNot(loose);
        } while (!loose.isEmpty());
        return kept;
    }

    /** Returns the writers with an edge in, and one out. */
    private static BitSet alive(EdgeGraph graph, BitSet read, BitSet written) {
        BitSet alive = new BitSet();
        for (int writer = 0; writer < graph.writers().size(); writer++) {
            boolean fed = writer == 0 || graph.readersOf(writer).stream().anyMatch(read::get);
            alive.set(writer, fed && written.get(writer));
        }
        return alive;
    }

    /** Returns the readers of components that are alive, and the logits. */
    private static BitSet useful(EdgeGraph graph, BitSet alive) {
        BitSet useful = new BitSet();
        useful.set(graph.readers().size() - 1);
        alive.stream().forEach(writer -> graph.readersOf(writer).forEach(useful::set));
        return useful;
    }
}
