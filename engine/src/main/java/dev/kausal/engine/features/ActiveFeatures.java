package dev.kausal.engine.features;

/**
 * Active features of one run, sparse: entry by entry, position by position.
 *
 * @param positions position of each entry
 * @param features feature of each entry
 * @param values activation, or another number, of each entry
 */
public record ActiveFeatures(int[] positions, int[] features, float[] values) {
    /**
     * Takes the entries of dense rows that are active.
     *
     * @param active activations [row, feature], row-major
     * @param values numbers of the same shape to keep
     * @param width number of features
     * @param first position of the first row
     */
    public static ActiveFeatures of(float[] active, float[] values, int width, int first) {
        int count = 0;
        for (float value : active) {
            count += value == 0 ? 0 : 1;
        }
        int[] positions = new int[count];
        int[] features = new int[count];
        float[] kept = new float[count];
        int next = 0;
        for (int i = 0; i < active.length; i++) {
            if (active[i] != 0) {
                positions[next] = first + i / width;
                features[next] = i % width;
                kept[next++] = values[i];
            }
        }
        return new ActiveFeatures(positions, features, kept);
    }
}
