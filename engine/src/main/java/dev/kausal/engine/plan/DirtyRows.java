package dev.kausal.engine.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one cell to compute, layer by layer: those that may differ from its base run.
 *
 * <p>Dirtiness starts at some positions of one layer and spreads by the architecture's mask: under a causal mask from
 * the first dirty position to the end of the prompt, otherwise to all of it. So a layer's rows are a suffix, except in
 * the layer of birth, where a change may still be visible only to its own rows.
 */
public final class DirtyRows {
    private final int length;
    private final int birth;
    private final int @Nullable [] touched;
    private final int[] from;
    private final int[] readout;
    private final int @Nullable [] lastQueries;
    // Plans ask for it often, and have millions of cells.
    private final long rowLayers;
    private final int most;

    private DirtyRows(
            int length, int birth, int @Nullable [] touched, int[] from, int[] readout, int @Nullable [] lastQueries) {
        this.length = length;
        this.birth = birth;
        this.touched = touched;
        this.from = from;
        this.readout = readout;
        this.lastQueries = lastQueries;
        this.rowLayers = count();
        this.most = countMost();
    }

    /**
     * Returns the rows by layer.
     *
     * @param length positions of the prompt
     * @param birth first layer with rows: -1 for the embedding, the number of layers for the readout, one more for none
     * @param touched positions computed in the layer of birth if keys and values are all the base's; else null
     * @param from by layer, the first position computed; {@code length} for none
     * @param readout positions changed after the last layer
     */
    public static DirtyRows of(int length, int birth, int @Nullable [] touched, int[] from, int[] readout) {
        return new DirtyRows(length, birth, touched, from, readout, null);
    }

    /** Returns every row of every layer, as in a whole forward pass. */
    public static DirtyRows everything(int length, int layers) {
        return new DirtyRows(length, -1, null, new int[layers], new int[0], null);
    }

    /** Returns a copy in which only {@code queries} continue after the last layer's keys and values. */
    public DirtyRows narrowed(int[] queries) {
        return new DirtyRows(length, birth, touched, from, readout, queries);
    }

    private int layers() {
        return from.length;
    }

    /** Returns the number of positions of the prompt. */
    public int length() {
        return length;
    }

    /**
     * Returns the first layer with rows: -1 for the embedding, the number of layers for the readout, one more for none.
     */
    public int birth() {
        return birth;
    }

    /** Returns whether nothing is computed because the cell equals its base run. */
    public boolean clean() {
        return birth > layers();
    }

    /** Returns whether the layer has rows. */
    public boolean in(int layer) {
        return layer >= birth && layer < layers() && from[layer] < length;
    }

    /**
     * Returns the position from which the layer's keys and values are the cell's own; {@code length} if all are the
     * base's.
     */
    public int ownFrom(int layer) {
        return layer == birth && touched != null ? length : from[layer];
    }

    /** Returns the positions that enter a layer, ascending. */
    public int[] keys(int layer) {
        return layer == birth && touched != null ? touched : suffix(from[layer]);
    }

    /** Returns the positions that leave a layer, ascending; fewer than enter only in a narrowed last layer. */
    public int[] queries(int layer) {
        return layer == layers() - 1 && lastQueries != null ? lastQueries : keys(layer);
    }

    /** Returns the positions that reach the readout, ascending. */
    public int[] finals() {
        int last = layers() - 1;
        int[] computed = in(last) ? queries(last) : new int[0];
        return readout.length == 0 ? computed : union(computed, readout);
    }

    /** Returns the positions changed after the last layer. */
    public int[] readout() {
        return readout;
    }

    /** Returns the number of rows × layers. */
    public long rowLayers() {
        return rowLayers;
    }

    private long count() {
        long count = 0;
        for (int layer = Math.max(0, birth); layer < layers(); layer++) {
            count += in(layer) ? leaving(layer) : 0;
        }
        return count;
    }

    /** Returns the number of positions that leave a layer. */
    private int leaving(int layer) {
        if (layer == layers() - 1 && lastQueries != null) {
            return lastQueries.length;
        }
        return layer == birth && touched != null ? touched.length : length - from[layer];
    }

    /** Returns the largest number of rows in any layer. */
    public int most() {
        return most;
    }

    private int countMost() {
        int least = length;
        for (int layer = Math.max(0, birth); layer < layers(); layer++) {
            least = Math.min(least, from[layer]);
        }
        return Math.max(length - least, readout.length);
    }

    private int[] suffix(int start) {
        int[] suffix = new int[length - start];
        for (int i = 0; i < suffix.length; i++) {
            suffix[i] = start + i;
        }
        return suffix;
    }

    /** Returns the union of two ascending sets of positions, ascending; one of them itself if the other is empty. */
    public static int[] union(int[] a, int[] b) {
        if (a.length == 0 || b.length == 0) {
            return a.length == 0 ? b : a;
        }
        int[] union = new int[a.length + b.length];
        int size = 0;
        int i = 0;
        int j = 0;
        while (i < a.length || j < b.length) {
            boolean ofA = j == b.length || (i < a.length && a[i] <= b[j]);
            int next = ofA ? a[i++] : b[j++];
            if (size == 0 || union[size - 1] != next) {
                union[size++] = next;
            }
        }
        return size == union.length ? union : Arrays.copyOf(union, size);
    }
}
