package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.kausal.engine.analysis.attention.AttentionRangeException;
import dev.kausal.engine.analysis.attention.AverageLinkage;
import dev.kausal.engine.analysis.attention.HeadSpecialisation;
import dev.kausal.engine.analysis.attention.PatchGrid;
import dev.kausal.engine.analysis.attention.PatchMaps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Similarities and clusters of heads against SciPy's, from bench/attention_measures.py. */
final class HeadSpecialisationTest {
    private static final PatchGrid GRID = new PatchGrid(List.of("[CLS]"), 3, 4, 4, 4);
    private final Gson gson = new Gson();

    private JsonObject reference() throws IOException {
        Path file = Path.of("src/test/resources/analysis/attention-measures.json");
        return gson.fromJson(Files.readString(file), JsonObject.class).getAsJsonObject("specialisation");
    }

    private <T> T of(JsonObject reference, String name, Class<T> type) {
        return gson.fromJson(reference.get(name), type);
    }

    @Test
    void similaritiesClustersAndMapsAreTheReferences() throws IOException {
        JsonObject reference = reference();
        List<PatchMaps> images = new ArrayList<>();
        for (double[][] heads : of(reference, "maps", double[][][].class)) {
            double[][][] layers = {Arrays.copyOf(heads, 4), Arrays.copyOfRange(heads, 4, 8)};
            images.add(new PatchMaps(GRID, List.of(2, 5), layers));
        }
        HeadSpecialisation found = HeadSpecialisation.of(images);
        assertEquals(List.of("L2H0", "L2H1", "L2H2", "L2H3", "L5H0", "L5H1", "L5H2", "L5H3"), found.heads());
        double[][] similarity = of(reference, "similarity", double[][].class);
        double[][] means = of(reference, "means", double[][].class);
        for (int head = 0; head < means.length; head++) {
            assertArrayEquals(similarity[head], found.similarity()[head], 1e-6);
            assertArrayEquals(means[head], found.maps()[head], 1e-6);
        }
        int[] first = of(reference, "first", int[].class);
        int[] second = of(reference, "second", int[].class);
        double[] distances = of(reference, "distances", double[].class);
        for (int i = 0; i < first.length; i++) {
            AverageLinkage.Merge merge = found.clusters().merges().get(i);
            assertEquals(first[i], merge.first());
            assertEquals(second[i], merge.second());
            assertEquals(distances[i], merge.distance(), 1e-6);
            assertEquals(of(reference, "sizes", int[].class)[i], merge.size());
        }
        int[] order = found.clusters().order().stream().mapToInt(i -> i).toArray();
        assertArrayEquals(of(reference, "order", int[].class), order);
        assertSamePartition(of(reference, "cut", int[].class), found.clusters().cut(3));
    }

    private static void assertSamePartition(int[] expected, int[] found) {
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected.length; j++) {
                assertEquals(expected[i] == expected[j], found[i] == found[j], i + " and " + j);
            }
        }
    }

    @Test
    void clustersAreNumberedFromLeftToRight() {
        double[][] distances = {{0, 9, 1, 9}, {9, 0, 9, 2}, {1, 9, 0, 9}, {9, 2, 9, 0}};
        AverageLinkage tree = AverageLinkage.of(distances);
        assertEquals(List.of(0, 2, 1, 3), tree.order());
        assertArrayEquals(new int[] {0, 1, 0, 1}, tree.cut(2));
        assertArrayEquals(new int[] {0, 0, 0, 0}, tree.cut(1));
        assertThrows(AttentionRangeException.class, () -> tree.cut(5));
    }

    @Test
    void imagesOfSeveralSizesAreRefused() {
        PatchMaps one = new PatchMaps(GRID, List.of(0), new double[1][2][12]);
        PatchMaps other = new PatchMaps(new PatchGrid(List.of(), 2, 2, 4, 4), List.of(0), new double[1][2][4]);
        String message = assertThrows(AttentionRangeException.class, () -> HeadSpecialisation.of(List.of(one, other)))
                .getMessage();
        assertTrue(message.contains("3 x 4") && message.contains("2 x 2"), message);
        assertThrows(AttentionRangeException.class, () -> HeadSpecialisation.of(List.of()));
    }
}
