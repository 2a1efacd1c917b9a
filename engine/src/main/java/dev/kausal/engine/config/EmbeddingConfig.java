package dev.kausal.engine.config;

import java.util.Optional;

/**
 * The variant of what stands before the first block.
 *
 * @param embedScale what token embeddings are multiplied by
 * @param learnedPositions whether position embeddings are added
 * @param positionOffset row of the position table that position 0 reads
 * @param padding token that takes no position: it reads the row before position 0's, and those behind it count without
 *     it; -1 if every token takes one
 * @param tokenTypes number of token types, whose embeddings are added; 0 for none
 * @param embedNorm whether the sum is normed
 * @param embedWidth width of embeddings that a dense layer brings to the stream's; 0 if they have the stream's own
 * @param projectsFirst whether that layer stands before the norm
 * @param image how images are cut, where inputs are images
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
    /** Token embeddings alone. */
    public static final EmbeddingConfig PLAIN =
            new EmbeddingConfig(1, false, 0, -1, 0, false, 0, false, Optional.empty());

    /** Token and learned position embeddings. */
    public static EmbeddingConfig positions(int offset) {
        return new EmbeddingConfig(1, true, offset, -1, 0, false, 0, false, Optional.empty());
    }

    /** Normed sum of token, position and type embeddings. */
    public static EmbeddingConfig normed(int positionOffset, int tokenTypes) {
        return new EmbeddingConfig(1, true, positionOffset, -1, tokenTypes, true, 0, false, Optional.empty());
    }

    /** Normed token embeddings. */
    public static EmbeddingConfig normedTokens() {
        return new EmbeddingConfig(1, false, 0, -1, 0, true, 0, false, Optional.empty());
    }

    /** Row of the table of position embeddings that each of {@code ids} reads. */
    public int[] positionRows(int[] ids) {
        int[] rows = new int[ids.length];
        int next = positionOffset;
        for (int i = 0; i < ids.length; i++) {
            rows[i] = ids[i] == padding ? positionOffset - 1 : next++;
        }
        return rows;
    }

    /** Scaled token embeddings. */
    public static EmbeddingConfig scaled(double embedScale) {
        return new EmbeddingConfig(embedScale, false, 0, -1, 0, false, 0, false, Optional.empty());
    }

    /** Projected patches, what stands before them, and position embeddings. */
    public static EmbeddingConfig ofImage(PatchConfig image) {
        return new EmbeddingConfig(1, true, 0, -1, 0, false, 0, false, Optional.of(image));
    }

    /** The same, where the padding token takes no position. */
    public EmbeddingConfig withPadding(int token) {
        return with(token, embedNorm, embedWidth);
    }

    /** The same with narrower or wider embeddings, brought to the stream's width. */
    public EmbeddingConfig withEmbedWidth(int other) {
        return with(padding, embedNorm, other);
    }

    /** The same with embeddings of another width, brought to the stream's before the norm. */
    public EmbeddingConfig withProjectedEmbeds(int width) {
        return new EmbeddingConfig(
                embedScale, learnedPositions, positionOffset, padding, tokenTypes, embedNorm, width, true, image);
    }

    /** The same, if no position embeddings are added. */
    public EmbeddingConfig withoutPositions() {
        return new EmbeddingConfig(
                embedScale, false, positionOffset, padding, tokenTypes, embedNorm, embedWidth, projectsFirst, image);
    }

    /** The same, where the sum is normed. */
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

    /** Rows of the table of position embeddings. */
    int positionRows(int context) {
        return image.map(shape -> shape.positioned() + shape.patches()).orElse(positionOffset + context);
    }
}
