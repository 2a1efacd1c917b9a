package dev.kausal.engine.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.config.Input;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which rows of prompts that begin alike are there, and where. */
final class SharedPrefixesTest {
    private static SharedPrefixes of(int[]... prompts) {
        return SharedPrefixes.of(Arrays.stream(prompts).map(Input::tokens).toList());
    }

    @Test
    void whatAllBeginWithIsThereOnce() {
        SharedPrefixes packed = of(new int[] {1, 2, 3, 4}, new int[] {1, 2, 3, 5, 6}, new int[] {1, 2, 9});
        assertEquals(4 + 2 + 1, packed.layout().rows());
    }

    @Test
    void aPromptThatManyGoOnFromBecomesAStem() {
        // Beside the first prompt alone, the others would share one token each, and not five.
        SharedPrefixes packed =
                of(new int[] {1, 0, 0}, new int[] {1, 2, 3, 4, 5, 6}, new int[] {1, 2, 3, 4, 5, 7}, new int[] {
                    1, 2, 3, 4, 5, 8
                });
        assertEquals(3 + 6 + 1 + 1, packed.layout().rows());
    }

    @Test
    void theLastTokenIsAlwaysThere() {
        SharedPrefixes packed = of(new int[] {1, 2, 3}, new int[] {1, 2, 3}, new int[] {1, 2}, new int[] {4});
        assertEquals(2 + 1 + 1 + 1, packed.layout().rows(), "equal prompts have a row each");
        assertEquals(4, Arrays.stream(packed.last()).distinct().count());
    }

    @Test
    void everyPromptIsItsStemsBeginningAndItsOwnRows() {
        Random random = new Random(3);
        for (int turn = 0; turn < 200; turn++) {
            List<Input> prompts = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(12); i++) {
                prompts.add(
                        Input.tokens(random.ints(1 + random.nextInt(6), 0, 3).toArray()));
            }
            check(prompts, SharedPrefixes.of(prompts));
        }
    }

    private static void check(List<Input> prompts, SharedPrefixes packed) {
        int[] positions = packed.layout().positions();
        assertEquals(prompts.size(), packed.inputs().size());
        int row = 0;
        int place = 0;
        for (AttentionGroup segment : packed.layout().segments()) {
            for (int variant = 0; variant < segment.variants(); variant++, place++) {
                InputPositions its = packed.inputs().get(place);
                int from = segment.ownFrom()[variant];
                int[] ids = its.input().ids();
                assertEquals(
                        IntStream.range(from, ids.length).boxed().toList(),
                        Arrays.stream(its.positions()).boxed().toList());
                if (from > 0) {
                    int[] stem = packed.inputs().get(segment.base()).input().ids();
                    assertEquals(0, packed.inputs().get(segment.base()).positions()[0], "a stem is whole");
                    assertTrue(Arrays.equals(Arrays.copyOf(stem, from), Arrays.copyOf(ids, from)));
                }
                for (int position : its.positions()) {
                    assertEquals(position, positions[row++]);
                }
            }
        }
        assertEquals(packed.layout().rows(), row);
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            assertEquals(
                    prompts.get(prompt),
                    packed.inputs().get(packed.places()[prompt]).input());
            assertEquals(prompts.get(prompt).length() - 1, positions[packed.last()[prompt]]);
        }
        assertEquals(prompts.size(), packed.lasts().rows());
    }
}
