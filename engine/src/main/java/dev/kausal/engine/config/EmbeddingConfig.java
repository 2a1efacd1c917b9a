package dev.kausal.engine.config;

import java.util.Optional;

/**
 * The variant of the embedding, before the first block.
 *
 * @param embedScale factor on token embeddings
 * @param learnedPositions whether position embeddings are added
 * @param positionOffset row of the position table for position 0
 * @param padding token without a position: it reads the row before position 0's, and later tokens are counted without
 *     it; -1 for none
 * @param tokenTypes number of token types, whose embeddings are added; 0 for none
 * @param embedNorm whether the sum is normed
 * @param embedWidth width of embeddings that a dense layer maps to the stream's width; 0 if it is the stream's own
 * @param projectsFirst whether that layer precedes the norm
 * @param image how images are cut into patches; empty if the model reads tokens
 */
public record EmbeddingConfig(
        double embedScale,
        boolean learnedPositions,
        int positionOffset,
        int padding,
        int tokenTypes,
        boolean embedNorm,
        int embedWidth,
        boolean projectsFirst,
        Optional<PatchConfig> image) {
    /** Token embeddings only. */
    public static final EmbeddingConfig PLAIN =
            new EmbeddingConfig(1, false, 0, -1, 0, false, 0, false, Optional.empty());

    /** Returns a config of token and learned position embeddings. */
    public static EmbeddingConfig positions(int offset) {
        return new EmbeddingConfig(1, true, offset, -1, 0, false, 0, false, Optional.empty());
    }

    /** Returns a config of normed sums of token, position and type embeddings. */
    public static EmbeddingConfig normed(int positionOffset, int tokenTypes) {
        return new EmbeddingConfig(1, true, positionOffset, -1, tokenTypes, true, 0, false, Optional.empty());
    }

    /** Returns a config of normed token embeddings. */
    public static EmbeddingConfig normedTokens() {
        return new EmbeddingConfig(1, false, 0, -1, 0, true, 0, false, Optional.empty());
    }

    /** Returns the position-table row of each of {@code ids}. */
    public int[] positionRows(int[] ids) {
        int[] rows = new int[ids.length];
        int next = positionOffset;
        for (int i = 0; i < ids.length; i++) {
            rows[i] = ids[i] == padding ? positionOffset - 1 : next++;
        }
        return rows;
    }

    /** Returns a config of scaled token embeddings. */
    public static EmbeddingConfig scaled(double embedScale) {
        return new EmbeddingConfig(embedScale, false, 0, -1, 0, false, 0, false, Optional.empty());
    }

    /** Returns a config of projected patches, prefix tokens and position embeddings. */
    public static EmbeddingConfig ofImage(PatchConfig image) {
        return new EmbeddingConfig(1, true, 0, -1, 0, false, 0, false, Optional.of(image));
    }

    /** Returns a copy in which the padding token takes no position. */
    public EmbeddingConfig withPadding(int token) {
        return with(token, embedNorm, embedWidth);
    }

    /** Returns a copy with embeddings of another width, mapped to the stream's. */
    public EmbeddingConfig withEmbedWidth(int other) {
        return with(padding, embedNorm, other);
    }

    /** Returns a copy with embeddings of another width, mapped to the stream's before the norm. */
    public EmbeddingConfig withProjectedEmbeds(int width) {
        return new EmbeddingConfig(
                embedScale, learnedPositions, positionOffset, padding, tokenTypes, embedNorm, width, true, image);
    }

    /** Returns a copy without position embeddings. */
    public EmbeddingConfig withoutPositions() {
        return new EmbeddingConfig(
                embedScale, false, positionOffset, padding, tokenTypes, embedNorm, embedWidth, projectsFirst, image);
    }

    /** Returns a copy with a normed sum. */
    public EmbeddingConfig withEmbedNorm() {
        return with(padding, true, embedWidth);
    }

    private EmbeddingConfig with(int newPadding, boolean newNorm, int newWidth) {
        return new EmbeddingConfig(
                embedScale,
                learnedPositions,
                positionOffset,
                newPadding,
                tokenTypes,
                newNorm,
                newWidth,
                projectsFirst,
                image);
    }

    /** Returns the number of rows of the position table. */
    int positionRows(int context) {
        return image.map(shape -> shape.positioned() + shape.patches()).orElse(positionOffset + context);
    }
}
