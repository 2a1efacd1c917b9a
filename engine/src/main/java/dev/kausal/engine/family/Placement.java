package dev.kausal.engine.family;

/**
 * Where a model's weights are while it runs.
 *
 * @param streamed whether layers are decoded from their file as a pass reaches them, the next one ahead, instead of all
 *     when the model is opened
 * @param held number of first layers that stay in memory although the model is streamed
 */
public record Placement(boolean streamed, int held) {
    /** All weights in memory. */
    public static final Placement RESIDENT = new Placement(false, 0);

    /** Layers beside the held ones that are in memory at once: the one in use, and the next. */
    public static final int WINDOW = 2;

    public Placement {
        if (held < 0 || (!streamed && held > 0)) {
            throw new IllegalArgumentException("a streamed model holds 0 layers or more, a resident one all of them");
        }
    }

    /** Returns streamed weights, of which the first layers stay in memory. */
    public static Placement streaming(int held) {
        return new Placement(true, held);
    }
}
