package dev.kausal.engine.config;

/**
 * The variant of a block, as data that the maths reads in place of the family's name.
 *
 * @param order order of norms, attention and MLP
 * @param norm kind of norm
 * @param gatedMlp whether the MLP multiplies by a gated branch (SwiGLU)
 * @param branchScale factor on the outputs of attention and MLP; merged into their output projections
 * @param plainFirst whether the first block's attention reads the embedding norm's output without another norm
 */
public record BlockConfig(Order order, Norm norm, boolean gatedMlp, double branchScale, boolean plainFirst) {
    public BlockConfig(Order order, Norm norm, boolean gatedMlp) {
        this(order, norm, gatedMlp, 1, false);
    }

    /** Returns a copy whose first block's attention reads the stream without a norm. */
    public BlockConfig withPlainFirst() {
        return new BlockConfig(order, norm, gatedMlp, branchScale, true);
    }

    /** Returns a copy with branches scaled by {@code other}. */
    public BlockConfig scaled(double other) {
        return new BlockConfig(order, norm, gatedMlp, other, plainFirst);
    }

    /** Order of norms. {@code x} is the residual stream, {@code f} attention or MLP. */
    public enum Order {
        /** x + f(norm(x)), attention first. */
        PRE(false, true, false, false),
        /** x + attention(norm(x)) + mlp(norm(x)). */
        PARALLEL(true, true, false, false),
        /** x + norm(f(x)), attention first. */
        OUTPUT(false, false, true, false),
        /** x + norm(f(norm(x))), attention first. */
        INPUT_AND_OUTPUT(false, true, true, false),
        /** norm(x + f(x)), attention first: the stream itself is normed. */
        SUM(false, false, false, true);

        private final boolean parallel;
        private final boolean input;
        private final boolean output;
        private final boolean sum;

        Order(boolean parallel, boolean input, boolean output, boolean sum) {
            this.parallel = parallel;
            this.input = input;
            this.output = output;
            this.sum = sum;
        }

        /** Returns whether attention and MLP read the same stream. */
        public boolean parallel() {
            return parallel;
        }

        /** Returns whether attention and MLP read a normed stream ({@code ln1}, {@code ln2}). */
        public boolean normsInput() {
            return input;
        }

        /** Returns whether branch outputs are normed before they are added ({@code ln1_post}, {@code ln2_post}). */
        public boolean normsOutput() {
            return output;
        }

        /** Returns whether the sum is normed ({@code ln1}, {@code ln2}). */
        public boolean normsSum() {
            return sum;
        }
    }

    /** Normalisation of a row. */
    public enum Norm {
        /** Subtracts the mean, divides by the standard deviation, applies gain and bias (Ba et al. 2016). */
        LAYER_NORM,
        /** Divides by the root mean square and applies a gain (Zhang and Sennrich 2019). */
        RMS_NORM
    }
}
