package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Random;

/** Changes of given size in a random direction. Same seed, same change. */
final class RandomMoves {
    private final Random random;

    RandomMoves(long seed) {
        this.random = new Random(seed);
    }

    /**
     * Moves each row of {@code before} in a random direction, as far as {@code after} is from it.
     *
     * @param before [1, position, (head,) unit], or [1, head, query, key] of attention
     * @param after of the same shape
     * @param attention whether a row is one query's attention; its change is then permuted among the keys, which keeps
     *     the sum
     */
    NDArray asFar(NDArray before, NDArray after, boolean attention) {
        int rows = (int)
                (attention
                        ? before.getShape().get(1) * before.getShape().get(2)
                        : before.getShape().get(1));
        float[] from = before.toFloatArray();
        float[] to = after.toFloatArray();
        float[] moved = from.clone();
        int width = from.length / rows;
        for (int row = 0; row < rows; row++) {
            if (attention) {
                deal(from, to, moved, row * width, width);
            } else {
                turn(from, to, moved, row * width, width);
            }
        }
        return before.getManager().create(moved, before.getShape());
    }

    private void turn(float[] from, float[] to, float[] moved, int start, int width) {
        double[] direction = new double[width];
        double squares = 0;
        double length = 0;
        for (int i = 0; i < width; i++) {
            direction[i] = random.nextGaussian();
            squares += direction[i] * direction[i];
            double change = (double) to[start + i] - from[start + i];
            length += change * change;
        }
        double scale = Math.sqrt(length / squares);
        for (int i = 0; i < width; i++) {
            moved[start + i] = (float) (from[start + i] + scale * direction[i]);
        }
    }

    /**
     * Permutes a change among visible keys. Masked keys, -inf in scores and 0 in patterns on both sides, keep their
     * values.
     */
    private void deal(float[] from, float[] to, float[] moved, int start, int width) {
        int[] seen = new int[width];
        int count = 0;
        for (int i = start; i < start + width; i++) {
            boolean masked = from[i] == to[i] && (from[i] == 0 || Float.isInfinite(from[i]));
            if (!masked) {
                seen[count++] = i;
            }
        }
        int[] dealt = Arrays.copyOf(seen, count);
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = dealt[i];
            dealt[i] = dealt[other];
            dealt[other] = kept;
        }
        for (int i = 0; i < count; i++) {
            moved[seen[i]] = from[seen[i]] + (to[dealt[i]] - from[dealt[i]]);
        }
    }
}
