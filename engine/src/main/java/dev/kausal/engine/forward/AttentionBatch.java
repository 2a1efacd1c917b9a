package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.AttentionMask;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one segment as attention multiplies them: variants with equally many queries and keys, the first keys
 * being the base run's and the others the variant's own. Variants with fewer are padded.
 *
 * @param variants number of variants
 * @param queries queries of each variant, padding included
 * @param lent number of keys from the base run, positions from 0 on
 * @param own own keys of each variant, padding included
 * @param queryPad packed query row of each [variant * query]; null without padding
 * @param queryKept [variant * query] of each packed query row; null without padding
 * @param keyPad packed key row of each [variant * own key]; null without padding
 * @param mask 0 for visible keys and -inf elsewhere, [query, key] or [variant, 1, query, key]; null if all are visible
 * @param sees what the mask leaves visible
 * @param distances row of the bias table for each [variant or 1 * query * key]; null without biases
 * @param stored whether own keys and values are those of {@link dev.kausal.engine.rows.KeyValues#own}, which include
 *     earlier passes
 */
public record AttentionBatch(
        int variants,
        int queries,
        int lent,
        int own,
        @Nullable NDArray queryPad,
        @Nullable NDArray queryKept,
        @Nullable NDArray keyPad,
        @Nullable NDArray mask,
        Sees sees,
        @Nullable NDArray distances,
        boolean stored) {
    /** Which keys the queries of a batch see. */
    public enum Sees {
        /** All keys. */
        ALL,
        /** Query i sees the base run's keys and the own ones up to i, of which there are as many as queries. */
        CAUSAL,
        /** Other keys, or keys that depend on the variant. */
        OTHER
    }

    /**
     * Collects the rows of a segment.
     *
     * @param asking the segment's queries
     * @param asked its keys: the same variants with at least as many rows
     * @param sight what queries see
     * @param relative relative-position biases of scores
     */
    public static AttentionBatch of(
            AttentionGroup asking,
            AttentionGroup asked,
            AttentionMask sight,
            Optional<RelativePositions> relative,
            NDManager local) {
        int variants = asking.variants();
        int queries = 0;
        int lent = 0;
        int own = 0;
        boolean evenKeys = true;
        boolean evenQueries = true;
        for (int i = 0; i < variants; i++) {
            int count = ownKeys(asked, i);
            int asks = asking.positions()[i].length;
            evenKeys &= i == 0 || count == own;
            evenKeys &= count == 0 || count == asked.positions()[i].length;
            evenQueries &= i == 0 || asks == queries;
            queries = Math.max(queries, asks);
            lent = Math.max(lent, asked.ownFrom()[i]);
            own = Math.max(own, count);
        }
        NDArray keyPad = evenKeys ? null : local.create(padded(asked, own, true));
        NDArray queryPad = evenQueries ? null : local.create(padded(asking, queries, false));
        NDArray queryKept = evenQueries ? null : local.create(kept(asking, queries));
        float[] mask = mask(asking, asked, sight, queries, lent, own);
        Sees sees = sees(mask, queries, lent, own);
        NDArray hiding = sees == Sees.ALL ? null : local.create(mask, maskShape(mask, queries, lent + own));
        int most = queries;
        int borrowed = lent;
        int each = own;
        NDArray distances = relative.map(of -> local.create(distances(asking, asked, of, most, borrowed, each)))
                .orElse(null);
        return new AttentionBatch(
                variants, queries, lent, own, queryPad, queryKept, keyPad, hiding, sees, distances, false);
    }

    private static int ownKeys(AttentionGroup segment, int variant) {
        return segment.ownFrom()[variant] == segment.length() ? 0 : segment.positions()[variant].length;
    }

    /** Returns the row within the segment of each [variant * slot]; padding repeats a row, which the mask hides. */
    static int[] padded(AttentionGroup segment, int slots, boolean keys) {
        int[] rows = new int[segment.variants() * slots];
        int row = 0;
        for (int i = 0; i < segment.variants(); i++) {
            int present = segment.positions()[i].length;
            int real = keys ? ownKeys(segment, i) : present;
            for (int slot = 0; slot < slots; slot++) {
                rows[i * slots + slot] = row + (slot < real ? slot : 0);
            }
            row += present;
        }
        return rows;
    }

    /** Returns the [variant * slot] of each row within the segment. */
    static int[] kept(AttentionGroup segment, int slots) {
        int[] kept = new int[segment.rows()];
        int row = 0;
        for (int i = 0; i < segment.variants(); i++) {
            for (int slot = 0; slot < segment.positions()[i].length; slot++) {
                kept[row++] = i * slots + slot;
            }
        }
        return kept;
    }

    private static Shape maskShape(float[] mask, int queries, int keys) {
        return mask.length == queries * keys
                ? new Shape(queries, keys)
                : new Shape(mask.length / (queries * keys), 1, queries, keys);
    }

    private static Sees sees(float[] mask, int queries, int lent, int own) {
        boolean all = true;
        boolean causal = queries == own;
        int keys = lent + own;
        for (int i = 0; i < mask.length; i++) {
            boolean hidden = mask[i] != 0;
            all &= !hidden;
            causal &= hidden == (i % keys - lent > i / keys % queries);
        }
        return all ? Sees.ALL : causal ? Sees.CAUSAL : Sees.OTHER;
    }

    private static float[] mask(
            AttentionGroup asking, AttentionGroup asked, AttentionMask sight, int queries, int lent, int own) {
        int different = asking.uniform() && asked.uniform() ? 1 : asking.variants();
        int keys = lent + own;
        float[] mask = new float[different * queries * keys];
        for (int i = 0; i < different; i++) {
            int from = asked.ownFrom()[i];
            int count = ownKeys(asked, i);
            for (int query = 0; query < asking.positions()[i].length; query++) {
                int position = asking.positions()[i][query];
                int row = (i * queries + query) * keys;
                int first = sight.first(position);
                int end = sight.end(position, asked.length());
                hide(mask, row, row + Math.min(first, lent));
                hide(mask, row + Math.min(from, end), row + lent);
                for (int slot = 0; slot < own; slot++) {
                    int key = slot < count ? asked.positions()[i][slot] : end;
                    boolean sees = key >= first && key < end;
                    if (!sees) {
                        hide(mask, row + lent + slot, row + lent + slot + 1);
                    }
                }
            }
        }
        return mask;
    }

    /** Returns table rows [variant or 1 * query * key]; 0 for padding. */
    private static int[] distances(
            AttentionGroup asking, AttentionGroup asked, RelativePositions relative, int queries, int lent, int own) {
        int different = asking.uniform() && asked.uniform() ? 1 : asking.variants();
        int keys = lent + own;
        int[] rows = new int[different * queries * keys];
        for (int i = 0; i < different; i++) {
            int count = ownKeys(asked, i);
            for (int query = 0; query < asking.positions()[i].length; query++) {
                int position = asking.positions()[i][query];
                int at = (i * queries + query) * keys;
                for (int key = 0; key < lent + count; key++) {
                    int seen = key < lent ? key : asked.positions()[i][key - lent];
                    rows[at + key] = relative.row(asking, position, seen);
                }
            }
        }
        return rows;
    }

    private static void hide(float[] mask, int from, int to) {
        Arrays.fill(mask, from, Math.max(from, to), Float.NEGATIVE_INFINITY);
    }
}
