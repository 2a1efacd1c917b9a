package dev.kausal.engine.tensor;

/**
 * Number format of a model's matrix products with weights. Everything else is float32 in either: the residual stream,
 * norms, attention scores and patterns, embeddings, and logits.
 */
public enum Precision {
    /** 24 significant bits. */
    FLOAT32("float32", 24, Float.BYTES),

    /**
     * 8 significant bits. Rows and weights are rounded to it before each product, products are summed in float32, and
     * the sums are rounded to it once.
     */
    BFLOAT16("bfloat16", 8, 2);

    private final String word;
    private final int significantBits;
    private final int bytes;

    Precision(String word, int significantBits, int bytes) {
        this.word = word;
        this.significantBits = significantBits;
        this.bytes = bytes;
    }

    /** Returns its name, as in records and on the command line. */
    public String word() {
        return word;
    }

    /** Returns the largest relative error of rounding a number to it. */
    public double unit() {
        return Math.scalb(1.0, -significantBits);
    }

    /** Returns the bytes of one number. */
    public int bytes() {
        return bytes;
    }
}
