package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgeSelection;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Orders of edges, and what hangs loose, on a graph of two layers and two heads by hand. */
final class EdgeSelectionTest {
    private static final EdgeGraph GRAPH = new EdgeGraph(2, 2, 1, false);

    private static double[] scores(List<String> edges, double... values) {
        double[] scores = new double[GRAPH.size()];
        for (int i = 0; i < values.length; i++) {
            scores[GRAPH.find(edges.get(i)).orElseThrow()] = values[i];
        }
        return scores;
    }

    private static BitSet circuit(String... edges) {
        BitSet circuit = new BitSet();
        for (String edge : edges) {
            circuit.set(GRAPH.find(edge).orElseThrow());
        }
        return circuit;
    }

    private static List<String> labels(BitSet circuit) {
        return circuit.stream().mapToObj(GRAPH::label).toList();
    }

    @Test
    void signedAndAbsoluteOrders() {
        double[] scores = scores(List.of("embed -> logits", "L0H0 -> L1.q1", "L0 mlp -> logits"), 1, -3, 2);
        List<Integer> highest = EdgeSelection.highest(scores);
        assertEquals("L0 mlp -> logits", GRAPH.label(highest.get(0)));
        assertEquals("L0H0 -> L1.q1", GRAPH.label(highest.get(GRAPH.size() - 1)));
        assertEquals("L0H0 -> L1.q1", GRAPH.label(EdgeSelection.largest(scores).get(0)));
    }

    @Test
    void greedyTakesOnlyEdgesIntoWhatIsConnected() {
        double[] scores = scores(
                List.of("L0H0 -> L1.k0", "L1H0 -> logits", "L0 mlp -> logits", "embed -> L0 mlp"), 9, 1, -2, 0.5);
        List<String> order =
                EdgeSelection.greedy(GRAPH, scores).stream().map(GRAPH::label).toList();
        assertEquals(
                List.of("L0 mlp -> logits", "L1H0 -> logits", "L0H0 -> L1.k0", "embed -> L0 mlp"), order.subList(0, 4));
        assertEquals(GRAPH.size(), new HashSet<>(order).size());
    }

    /** An edge that is left out connects nothing. */
    @Test
    void greedyAmongSomeEdges() {
        double[] scores = scores(List.of("L0H0 -> L1.k0", "L1H0 -> logits", "embed -> logits"), 9, 5, 1);
        BitSet among = circuit("L0H0 -> L1.k0", "embed -> logits", "embed -> L0.q0");
        List<String> order = EdgeSelection.greedy(GRAPH, scores, among).stream()
                .map(GRAPH::label)
                .toList();
        assertEquals(List.of("embed -> logits"), order);
    }

    @Test
    void looseEdgesAreDropped() {
        BitSet all = GRAPH.all();
        assertEquals(all, EdgeSelection.pruned(GRAPH, all));
        BitSet circuit = circuit(
                "embed -> L0.k0",
                "L0H1 -> L1.v0",
                "L1H0 -> logits",
                "L0 mlp -> logits",
                "embed -> L1 mlp",
                "L0H0 -> L1.q1");
        assertEquals(
                List.of("embed -> L0.k0", "L0H1 -> L1.v0", "L1H0 -> logits"),
                labels(EdgeSelection.pruned(GRAPH, circuit)));
        assertTrue(EdgeSelection.pruned(GRAPH, circuit("L0H0 -> logits")).isEmpty());
    }

    /** Every edge of a pruned circuit lies between others, whatever the circuit. */
    @Test
    void whatIsLeftIsConnected() {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            BitSet circuit = new BitSet();
            GRAPH.all().stream().filter(edge -> random.nextInt(4) == 0).forEach(circuit::set);
            BitSet pruned = EdgeSelection.pruned(GRAPH, circuit);
            BitSet read = new BitSet();
            BitSet written = new BitSet();
            pruned.stream().forEach(edge -> {
                assertTrue(circuit.get(edge));
                read.set(GRAPH.reader(edge));
                written.set(GRAPH.writer(edge));
            });
            pruned.stream().forEach(edge -> {
                int writer = GRAPH.writer(edge);
                assertTrue(writer == 0 || GRAPH.readersOf(writer).stream().anyMatch(read::get), GRAPH.label(edge));
            });
            assertFalse(pruned.cardinality() > circuit.cardinality());
        }
    }
}
