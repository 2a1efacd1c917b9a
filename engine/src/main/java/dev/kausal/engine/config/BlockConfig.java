package dev.kausal.engine.config;

/**
 * The variant of a block: what its layers' maths reads instead of the family's name.
 *
 * @param order where its norms stand, and who reads what
 * @param norm how they norm
 * @param gatedMlp whether the MLP multiplies a gated branch (SwiGLU) or has one branch
 * @param branchScale what attention and MLP give is multiplied by before it is added; part of their output projections
 * @param plainFirst whether the first block's attention reads the stream as the embeddings' norm gives it, without a
 *     norm of its own
 */
public record BlockConfig(Order order, Norm norm, boolean gatedMlp, double branchScale, boolean plainFirst) {
    public BlockConfig(Order order, Norm norm, boolean gatedMlp) {
        this(order, norm, gatedMlp, 1, false);
    }

    /** The same, whose first block's attention reads the stream itself. */
    public BlockConfig withPlainFirst() {
        return new BlockConfig(order, norm, gatedMlp, branchScale, true);
    }

    /** The same, with branches multiplied by {@code other}. */
    public BlockConfig scaled(double other) {
        return new BlockConfig(order, norm, gatedMlp, other, plainFirst);
    }

    /** Where norms stand. {@code x} is the residual stream, {@code f} attention or MLP. */
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

        /** Whether attention and MLP read the same stream. */
        public boolean parallel() {
            return parallel;
        }

        /** Whether attention and MLP read a normed stream ({@code ln1}, {@code ln2}). */
        public boolean normsInput() {
            return input;
        }

        /** Whether what they give is normed before it is added ({@code ln1_post}, {@code ln2_post}). */
        public boolean normsOutput() {
            return output;
        }

        /** Whether the sum is normed ({@code ln1}, {@code ln2}). */
        public boolean normsSum() {
            return sum;
        }
    }

    /** Normalisation of a row. */
    public enum Norm {
        /** Mean removed, divided by the standard deviation, gain and bias (Ba et al. 2016). */
        LAYER_NORM,
        /** Divided by the root mean square, gain (Zhang and Sennrich 2019). */
        RMS_NORM
    }
}
