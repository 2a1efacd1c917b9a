package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.analysis.attention.AttentionPattern;
import dev.kausal.engine.analysis.attention.AttentionRangeException;
import dev.kausal.engine.analysis.attention.TokenTarget;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scores of heads against those of transformer-lens 4.3.0's {@code head_detector}. */
final class TokenTargetTest {
    private static final int[] IDS = {5, 1, 7, 5, 1, 7, 7, 5, 2};

    /** Two heads whose weights are whole numbers over their sum, as the numbers below were computed from. */
    private static AttentionPattern pattern() {
        float[][][] heads = new float[2][IDS.length][IDS.length];
        for (int head = 0; head < 2; head++) {
            for (int query = 0; query < IDS.length; query++) {
                float sum = 0;
                for (int key = 0; key <= query; key++) {
                    heads[head][query][key] = 1 + (head * 31 + query * 7 + key * 3) % 11;
                    sum += heads[head][query][key];
                }
                for (int key = 0; key <= query; key++) {
                    heads[head][query][key] /= sum;
                }
            }
        }
        return new AttentionPattern(List.of(4), new float[][][][] {heads});
    }

    @Test
    void keysThatTokensSingleOut() {
        assertArrayEquals(new int[] {}, TokenTarget.PREVIOUS_TOKEN.keys(IDS, 0));
        assertArrayEquals(new int[] {6}, TokenTarget.PREVIOUS_TOKEN.keys(IDS, 7));
        assertArrayEquals(new int[] {0, 3}, TokenTarget.DUPLICATE_TOKEN.keys(IDS, 7));
        assertArrayEquals(new int[] {1, 4}, TokenTarget.INDUCTION.keys(IDS, 7));
        // A token that repeats the one before it follows itself.
        assertArrayEquals(new int[] {3, 6}, TokenTarget.INDUCTION.keys(IDS, 6));
        assertArrayEquals(new int[] {}, TokenTarget.INDUCTION.keys(IDS, 8));
        assertFalse(TokenTarget.INDUCTION.in(new int[] {1, 2, 3}));
        assertFalse(TokenTarget.PREVIOUS_TOKEN.in(new int[] {1}));
        assertTrue(TokenTarget.DUPLICATE_TOKEN.in(IDS));
    }

    /** transformer-lens divides by all queries, and by those with a target here: 8 of 9 have a previous token, 5 an earlier one. */
    @Test
    void scoresAreThoseOfTransformerLensOverTheQueriesWithATarget() {
        assertScores(TokenTarget.PREVIOUS_TOKEN, 8, 0.15371058881282806, 0.16846366226673126);
        assertScores(TokenTarget.DUPLICATE_TOKEN, 5, 0.15520676970481873, 0.12529033422470093);
        assertScores(TokenTarget.INDUCTION, 5, 0.09711434692144394, 0.13376390933990479);
    }

    private static void assertScores(TokenTarget target, int queries, double... expected) {
        double[] found = target.score(pattern(), IDS)[0];
        for (int head = 0; head < expected.length; head++) {
            assertEquals(expected[head], found[head] * queries / IDS.length, 1e-6, target + " " + head);
        }
    }

    @Test
    void aPromptWithoutTargetsHasNoScore() {
        int[] different = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        assertTrue(Double.isNaN(TokenTarget.INDUCTION.score(pattern(), different)[0][1]));
        Exception e = assertThrows(
                AttentionRangeException.class, () -> TokenTarget.INDUCTION.score(pattern(), new int[] {1, 1}));
        assertTrue(e.getMessage().contains("9 positions, but 2 tokens"), e.getMessage());
    }
}
