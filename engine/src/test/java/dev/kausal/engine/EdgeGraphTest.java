package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.circuits.CircuitUndefinedException;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.Reader;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.model.ModelSource;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which writer reaches which reader, against counts by hand and MIB's. */
final class EdgeGraphTest {
    private static ModelConfig config(String name) {
        try (ModelSource source = ModelSource.open(TinyModels.folder(name))) {
            return source.config();
        }
    }

    private static ModelConfig sized(String name, int layers, int heads, int keyValueHeads) {
        ModelConfig c = config(name);
        return new ModelConfig(
                c.family(),
                layers,
                heads,
                keyValueHeads,
                c.dModel(),
                c.dHead(),
                c.dMlp(),
                c.vocabulary(),
                c.context(),
                c.normEpsilon(),
                c.activation(),
                c.tiedUnembedding(),
                c.block(),
                c.attention(),
                c.embedding(),
                c.head());
    }

    @Test
    void countsAreThoseOfTheField() {
        assertEquals(32_491, new EdgeGraph(sized("gpt2", 12, 12, 12)).size());
        assertEquals(123_211, new EdgeGraph(sized("llama", 30, 9, 9)).size());
        assertEquals(70_651, new EdgeGraph(sized("llama", 30, 9, 3)).size());
    }

    @Test
    void namesAreUniqueAndFindTheirEdges() {
        EdgeGraph graph = new EdgeGraph(config("llama"));
        List<String> labels = graph.labels();
        assertEquals(graph.size(), new HashSet<>(labels).size());
        for (int edge = 0; edge < graph.size(); edge++) {
            assertEquals(edge, graph.find(labels.get(edge)).orElseThrow());
            assertEquals(edge, graph.edge(graph.writer(edge), graph.reader(edge)));
        }
        assertEquals("embed -> L0.q0", labels.get(0));
        assertEquals("L2 mlp -> logits", labels.get(graph.size() - 1));
        assertTrue(labels.contains("L0H3 -> L1.k1"));
        assertTrue(labels.contains("L1H3 -> L1 mlp"));
        assertFalse(labels.contains("L1H3 -> L1.q0"));
        assertFalse(labels.contains("L2H0 -> L1.q0"));
        assertFalse(labels.contains("L0H0 -> L1.k2"));
    }

    @Test
    void theMlpOfParallelBlocksDoesNotSeeItsOwnLayersHeads() {
        List<String> labels = new EdgeGraph(config("gpt-neox")).labels();
        assertTrue(labels.contains("L0H0 -> L1 mlp"));
        assertFalse(labels.contains("L1H0 -> L1 mlp"));
        assertTrue(labels.contains("L1H0 -> logits"));
    }

    @Test
    void aHeadReadsThroughItsOwnQueriesAndItsGroupsKeysAndValues() {
        EdgeGraph graph = new EdgeGraph(config("llama"));
        List<String> read = graph.readersOf(graph.firstHead(1) + 3).stream()
                .map(graph.readers()::get)
                .map(Reader::label)
                .toList();
        assertEquals(List.of("L1.q3", "L1.k1", "L1.v1"), read);
        assertEquals(List.of(), graph.readersOf(0));
    }

    @Test
    void aNormedStreamHasNoEdges() {
        assertThrows(CircuitUndefinedException.class, () -> new EdgeGraph(config("bert-masked")));
    }
}
