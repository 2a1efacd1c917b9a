package dev.kausal.engine.config;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The variant of what stands after the last block: what the maths of the head reads instead of the family's name.
 *
 * @param task what the outputs are
 * @param transform non-linearity of a dense layer that every row passes first, as masked-LM heads have it
 * @param norm where the last norm stands
 * @param pool which rows the outputs are read from; without a head, which the pooler reads
 * @param pooler non-linearity of a dense layer that the pooled row passes
 * @param classes outputs of a classifier, or numbers of an embedding; 0 for a head over the vocabulary, and for none
 * @param normedAgain whether the head norms once more, behind its dense layer: the last norm then stands before that
 * @param ownBias whether only a bias stored with the unembedding itself counts, not one that it would be tied to
 * @param embeddingAsUnembedding whether rows meet the embeddings, whatever else a file holds
 * @param logitScale what logits are multiplied by; part of the unembedding
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

    /** What a model's outputs are. */
    public enum Task {
        /** Logits of the token after each position. */
        NEXT_TOKEN,
        /** Logits of the token at each position. */
        MASKED_TOKEN,
        /** Logits of classes of the whole input. */
        CLASSES,
        /** Logits of classes at each position. */
        TOKEN_CLASSES,
        /** One vector of the whole input, which is compared with others. */
        EMBEDDING,
        /** No head: each position's hidden state. */
        HIDDEN_STATES
    }

    /** Where the last norm ({@code ln_final}) stands. */
    public enum NormAt {
        NONE,
        EVERY_ROW,
        POOLED_ROW
    }

    /** Which rows outputs are read from. */
    public enum Pool {
        /** None is pooled: each row has outputs. */
        EVERY_ROW,
        /** The first. */
        FIRST,
        /** The last. */
        LAST,
        /** The first and the second, each with its own classifier, whose logits are averaged. */
        FIRST_TWO,
        /** The patches' mean. */
        PATCH_MEAN,
        /** The first, then the patches' mean, as one row of double width. */
        FIRST_AND_PATCH_MEAN,
        /** What one learned query gathers from the patches by attention, and an MLP adds to that. */
        ATTENTION;

        /** The rows of {@code length} that are read; {@code prefix} of them stand before the patches. */
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

    /** A final norm and the unembedding. */
    public static final OutputHeadConfig NEXT_TOKEN = new OutputHeadConfig(
            Task.NEXT_TOKEN, Optional.empty(), NormAt.EVERY_ROW, Pool.EVERY_ROW, Optional.empty(), 0);

    /** Dense layer, norm, unembedding. */
    public static OutputHeadConfig maskedToken(Activation transform) {
        return new OutputHeadConfig(
                Task.MASKED_TOKEN, Optional.of(transform), NormAt.EVERY_ROW, Pool.EVERY_ROW, Optional.empty(), 0);
    }

    /** Dense layer of the first row, classifier. */
    public static OutputHeadConfig firstRowClasses(Activation pooler, int classes) {
        return new OutputHeadConfig(
                Task.CLASSES, Optional.empty(), NormAt.NONE, Pool.FIRST, Optional.of(pooler), classes);
    }

    /** Classifier of each position. */
    public static OutputHeadConfig tokenClasses(int classes) {
        return new OutputHeadConfig(
                Task.TOKEN_CLASSES, Optional.empty(), NormAt.NONE, Pool.EVERY_ROW, Optional.empty(), classes);
    }

    /** The last norm of every row, pooling, then a dense layer, a norm and what {@code task} reads. */
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

    /** The same behind a dense layer. */
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

    /** No head; the first row may pass a pooler, whose output only its hook point shows. */
    public static OutputHeadConfig hiddenStates(NormAt norm, Optional<Activation> pooler) {
        return new OutputHeadConfig(Task.HIDDEN_STATES, Optional.empty(), norm, Pool.EVERY_ROW, pooler, 0);
    }

    /** Classifier of pooled rows, which are normed before or after pooling, or not at all. */
    public static OutputHeadConfig classes(NormAt norm, Pool pool, int classes) {
        return new OutputHeadConfig(Task.CLASSES, Optional.empty(), norm, pool, Optional.empty(), classes);
    }

    /** A projection of pooled rows to a vector of this length. */
    public static OutputHeadConfig embedding(NormAt norm, Pool pool, int numbers) {
        return new OutputHeadConfig(Task.EMBEDDING, Optional.empty(), norm, pool, Optional.empty(), numbers);
    }

    /** No head: pooled rows, normed if {@code norm}, appear at a hook point only. */
    public static OutputHeadConfig hiddenStates(NormAt norm, Pool pool) {
        return new OutputHeadConfig(Task.HIDDEN_STATES, Optional.empty(), norm, pool, Optional.empty(), 0);
    }

    /** The same without a pooler. */
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

    /** The same with an unembedding whose bias is tied to nothing. */
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

    /** The same with the embeddings' transpose as unembedding, always. */
    public OutputHeadConfig withEmbeddingAsUnembedding() {
        return new OutputHeadConfig(
                task, transform, norm, pool, pooler, classes, normedAgain, ownBias, true, logitScale, softCap);
    }

    /** The same with logits multiplied and capped, if they are of a vocabulary: other outputs are neither. */
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

    /** Whether there is one row of outputs per input, not one per position. */
    public boolean pooled() {
        return task != Task.HIDDEN_STATES && pool != Pool.EVERY_ROW;
    }

    /** Whether outputs are logits of classes, of the whole input or of each position. */
    public boolean hasClasses() {
        return task == Task.CLASSES || task == Task.TOKEN_CLASSES;
    }

    /** Whether outputs are logits of the vocabulary. */
    public boolean hasVocabulary() {
        return task == Task.NEXT_TOKEN || task == Task.MASKED_TOKEN;
    }

    /** Whether a classifier reads something that is not simply a row of the last norm's output, or there is none but a pool. */
    public boolean hasPoolerPoint() {
        return pooler.isPresent()
                || pool == Pool.PATCH_MEAN
                || pool == Pool.FIRST_AND_PATCH_MEAN
                || pool == Pool.ATTENTION
                || (task == Task.HIDDEN_STATES && pool != Pool.EVERY_ROW);
    }

    /** Width of what the classifier reads. */
    public int width(int dModel) {
        return pool == Pool.FIRST_AND_PATCH_MEAN ? 2 * dModel : dModel;
    }
}
