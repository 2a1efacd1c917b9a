package dev.kausal.engine.config;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The variant of the output head, after the last block, as data that the maths reads in place of the family's name.
 *
 * @param task kind of output
 * @param transform non-linearity of a dense layer before the final norm, as in masked-LM heads
 * @param norm position of the final norm
 * @param pool rows that outputs are read from; without a head, rows that the pooler reads
 * @param pooler non-linearity of a dense layer on the pooled row
 * @param classes number of classes, or of embedding dimensions; 0 for a vocabulary head, and for none
 * @param normedAgain whether a second norm follows the head's dense layer; the final norm then precedes that layer
 * @param ownBias whether only a bias stored with the unembedding itself counts, not one that it would be tied to
 * @param embeddingAsUnembedding whether the unembedding is the embedding's transpose, whatever the file holds
 * @param logitScale factor on logits; merged into the unembedding
 * @param softCap logits become cap · tanh(logit / cap); 0 for none
 */
public record OutputHeadConfig(
        Task task,
        Optional<Activation> transform,
        NormAt norm,
        Pool pool,
        Optional<Activation> pooler,
        int classes,
        boolean normedAgain,
        boolean ownBias,
        boolean embeddingAsUnembedding,
        double logitScale,
        double softCap) {
    OutputHeadConfig(
            Task task,
            Optional<Activation> transform,
            NormAt norm,
            Pool pool,
            Optional<Activation> pooler,
            int classes) {
        this(task, transform, norm, pool, pooler, classes, false, false, false, 1, 0);
    }

    /** Kind of output. */
    public enum Task {
        /** Logits of the token after each position. */
        NEXT_TOKEN,
        /** Logits of the token at each position. */
        MASKED_TOKEN,
        /** Class logits of the whole input. */
        CLASSES,
        /** Class logits of each position. */
        TOKEN_CLASSES,
        /** One embedding vector of the whole input. */
        EMBEDDING,
        /** No head: hidden states of each position. */
        HIDDEN_STATES
    }

    /** Position of the final norm ({@code ln_final}). */
    public enum NormAt {
        NONE,
        EVERY_ROW,
        POOLED_ROW
    }

    /** Rows that outputs are read from. */
    public enum Pool {
        /** No pooling: each row has outputs. */
        EVERY_ROW,
        /** The first. */
        FIRST,
        /** The last. */
        LAST,
        /** The first and the second, each with its own classifier, whose logits are averaged. */
        FIRST_TWO,
        /** The mean over patches. */
        PATCH_MEAN,
        /** The first row and the mean over patches, concatenated. */
        FIRST_AND_PATCH_MEAN,
        /** Attention pooling: one learned query attends to the patches, followed by an MLP. */
        ATTENTION;

        /** Returns the rows of {@code length} that are read; {@code prefix} of them precede the patches. */
        public int[] rows(int length, int prefix) {
            return switch (this) {
                case EVERY_ROW -> IntStream.range(0, length).toArray();
                case FIRST -> new int[] {0};
                case LAST -> new int[] {length - 1};
                case FIRST_TWO -> new int[] {0, 1};
                case PATCH_MEAN, ATTENTION -> IntStream.range(prefix, length).toArray();
                case FIRST_AND_PATCH_MEAN ->
                    IntStream.concat(IntStream.of(0), IntStream.range(prefix, length))
                            .distinct()
                            .toArray();
            };
        }
    }

    /** Final norm and unembedding. */
    public static final OutputHeadConfig NEXT_TOKEN = new OutputHeadConfig(
            Task.NEXT_TOKEN, Optional.empty(), NormAt.EVERY_ROW, Pool.EVERY_ROW, Optional.empty(), 0);

    /** Returns a masked-LM head: dense layer, norm, unembedding. */
    public static OutputHeadConfig maskedToken(Activation transform) {
        return new OutputHeadConfig(
                Task.MASKED_TOKEN, Optional.of(transform), NormAt.EVERY_ROW, Pool.EVERY_ROW, Optional.empty(), 0);
    }

    /** Returns a classifier on the dense-transformed first row. */
    public static OutputHeadConfig firstRowClasses(Activation pooler, int classes) {
        return new OutputHeadConfig(
                Task.CLASSES, Optional.empty(), NormAt.NONE, Pool.FIRST, Optional.of(pooler), classes);
    }

    /** Returns a classifier of each position. */
    public static OutputHeadConfig tokenClasses(int classes) {
        return new OutputHeadConfig(
                Task.TOKEN_CLASSES, Optional.empty(), NormAt.NONE, Pool.EVERY_ROW, Optional.empty(), classes);
    }

    /**
     * Returns a head with two norms: final norm of every row, pooling, dense layer, norm, then the outputs of {@code
     * task}.
     */
    public static OutputHeadConfig normedTwice(Task task, Pool pool, Activation dense, int classes) {
        boolean pooled = pool != Pool.EVERY_ROW;
        return new OutputHeadConfig(
                task,
                pooled ? Optional.empty() : Optional.of(dense),
                NormAt.EVERY_ROW,
                pool,
                pooled ? Optional.of(dense) : Optional.empty(),
                classes,
                true,
                false,
                false,
                1,
                0);
    }

    /** Returns a copy with a dense layer of this non-linearity. */
    public OutputHeadConfig withTransform(Activation other) {
        return new OutputHeadConfig(
                task,
                Optional.of(other),
                norm,
                pool,
                pooler,
                classes,
                normedAgain,
                ownBias,
                embeddingAsUnembedding,
                logitScale,
                softCap);
    }

    /**
     * Returns the config of a model without a head. The first row may pass a pooler, whose output is visible only at
     * its hook point.
     */
    public static OutputHeadConfig hiddenStates(NormAt norm, Optional<Activation> pooler) {
        return new OutputHeadConfig(Task.HIDDEN_STATES, Optional.empty(), norm, Pool.EVERY_ROW, pooler, 0);
    }

    /** Returns a classifier of pooled rows, normed before or after pooling, or not at all. */
    public static OutputHeadConfig classes(NormAt norm, Pool pool, int classes) {
        return new OutputHeadConfig(Task.CLASSES, Optional.empty(), norm, pool, Optional.empty(), classes);
    }

    /** Returns a projection of pooled rows to an embedding of {@code numbers} dimensions. */
    public static OutputHeadConfig embedding(NormAt norm, Pool pool, int numbers) {
        return new OutputHeadConfig(Task.EMBEDDING, Optional.empty(), norm, pool, Optional.empty(), numbers);
    }

    /**
     * Returns the config of a model without a head, whose pooled rows, normed or not, are visible only at a hook point.
     */
    public static OutputHeadConfig hiddenStates(NormAt norm, Pool pool) {
        return new OutputHeadConfig(Task.HIDDEN_STATES, Optional.empty(), norm, pool, Optional.empty(), 0);
    }

    /** Returns a copy without a pooler. */
    public OutputHeadConfig withoutPooler() {
        return new OutputHeadConfig(
                task,
                transform,
                norm,
                Pool.EVERY_ROW,
                Optional.empty(),
                classes,
                normedAgain,
                ownBias,
                embeddingAsUnembedding,
                logitScale,
                softCap);
    }

    /** Returns a copy whose unembedding bias is not tied to another. */
    public OutputHeadConfig withOwnBias() {
        return new OutputHeadConfig(
                task,
                transform,
                norm,
                pool,
                pooler,
                classes,
                normedAgain,
                true,
                embeddingAsUnembedding,
                logitScale,
                softCap);
    }

    /** Returns a copy that always uses the embedding's transpose as unembedding. */
    public OutputHeadConfig withEmbeddingAsUnembedding() {
        return new OutputHeadConfig(
                task, transform, norm, pool, pooler, classes, normedAgain, ownBias, true, logitScale, softCap);
    }

    /** Returns a copy whose vocabulary logits are scaled and capped; other outputs stay as they are. */
    public OutputHeadConfig withLogits(double scale, double cap) {
        boolean vocabulary = hasVocabulary();
        return new OutputHeadConfig(
                task,
                transform,
                norm,
                pool,
                pooler,
                classes,
                normedAgain,
                ownBias,
                embeddingAsUnembedding,
                vocabulary ? scale : 1,
                vocabulary ? cap : 0);
    }

    /** Returns whether there is one row of outputs per input rather than one per position. */
    public boolean pooled() {
        return task != Task.HIDDEN_STATES && pool != Pool.EVERY_ROW;
    }

    /** Returns whether outputs are class logits, of the whole input or of each position. */
    public boolean hasClasses() {
        return task == Task.CLASSES || task == Task.TOKEN_CLASSES;
    }

    /** Returns whether outputs are vocabulary logits. */
    public boolean hasVocabulary() {
        return task == Task.NEXT_TOKEN || task == Task.MASKED_TOKEN;
    }

    /**
     * Returns whether there is a pooler hook point: the classifier's input is not simply a row of the final norm's
     * output, or there is a pooler without a classifier.
     */
    public boolean hasPoolerPoint() {
        return pooler.isPresent()
                || pool == Pool.PATCH_MEAN
                || pool == Pool.FIRST_AND_PATCH_MEAN
                || pool == Pool.ATTENTION
                || (task == Task.HIDDEN_STATES && pool != Pool.EVERY_ROW);
    }

    /** Returns the width of the classifier's input. */
    public int width(int dModel) {
        return pool == Pool.FIRST_AND_PATCH_MEAN ? 2 * dModel : dModel;
    }
}
