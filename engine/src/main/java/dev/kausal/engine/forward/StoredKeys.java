package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.AttentionMask;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How new rows of texts attend: to keys of the base run, and to their own keys of this pass and earlier ones. Own keys
 * fill slots from the right: the last slot is the text's newest position, the one before it the position before.
 */
public final class StoredKeys {
    private StoredKeys() {}

    /**
     * Collects the rows of one segment.
     *
     * @param asking the segment's new rows, consecutive positions that end with each text's newest
     * @param slots slots of own keys; a text with fewer own positions leaves the first ones unused
     * @param sight what queries see
     */
    static AttentionBatch batch(AttentionGroup asking, int slots, AttentionMask sight, NDManager local) {
        int variants = asking.variants();
        int queries = 0;
        int lent = 0;
        boolean even = true;
        for (int i = 0; i < variants; i++) {
            int asks = asking.positions()[i].length;
            even &= i == 0 || asks == queries;
            queries = Math.max(queries, asks);
            lent = Math.max(lent, asking.ownFrom()[i]);
        }
        NDArray queryPad = even ? null : local.create(AttentionBatch.padded(asking, queries, false));
        NDArray queryKept = even ? null : local.create(AttentionBatch.kept(asking, queries));
        NDArray mask = mask(asking, sight, queries, lent, slots, local);
        return new AttentionBatch(
                variants, queries, lent, slots, queryPad, queryKept, null, mask, AttentionBatch.Sees.OTHER, null, true);
    }

    private static @Nullable NDArray mask(
            AttentionGroup asking, AttentionMask sight, int queries, int lent, int slots, NDManager local) {
        int different = asking.uniform() ? 1 : asking.variants();
        int keys = lent + slots;
        float[] mask = new float[different * queries * keys];
        boolean hides = false;
        for (int i = 0; i < different; i++) {
            int[] positions = asking.positions()[i];
            int ownFrom = asking.ownFrom()[i];
            int ofSlotZero = positions[positions.length - 1] + 1 - slots;
            for (int query = 0; query < positions.length; query++) {
                int row = (i * queries + query) * keys;
                int first = sight.first(positions[query]);
                int end = sight.end(positions[query], asking.length());
                for (int key = 0; key < keys; key++) {
                    int position = key < lent ? key : ofSlotZero + key - lent;
                    boolean exists = key < lent ? position < ownFrom : position >= ownFrom;
                    if (!exists || position < first || position >= end) {
                        mask[row + key] = Float.NEGATIVE_INFINITY;
                        hides = true;
                    }
                }
            }
        }
        Shape shape = different == 1 ? new Shape(queries, keys) : new Shape(different, 1, queries, keys);
        return hides ? local.create(mask, shape) : null;
    }

    /**
     * Returns, for each [variant * new slot], the row within the segment that fills it: the newest rows last. Unused
     * slots repeat a row, which the mask hides.
     *
     * @param newSlots new rows of the variant that has most
     */
    public static int[] rows(AttentionGroup asking, int newSlots) {
        int[] rows = new int[asking.variants() * newSlots];
        int row = 0;
        for (int i = 0; i < asking.variants(); i++) {
            int count = asking.positions()[i].length;
            int unused = newSlots - count;
            Arrays.fill(rows, i * newSlots, i * newSlots + unused, row);
            for (int slot = unused; slot < newSlots; slot++) {
                rows[i * newSlots + slot] = row++;
            }
        }
        return rows;
    }
}
