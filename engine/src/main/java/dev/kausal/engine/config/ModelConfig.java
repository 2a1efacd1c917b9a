package dev.kausal.engine.config;

import dev.kausal.engine.family.Family;

/**
 * Sizes and architecture choices that the forward pass depends on.
 *
 * @param family name of the {@link Family}, such as {@code llama}
 * @param layers number of blocks
 * @param heads query heads per block
 * @param keyValueHeads key and value heads per block; divides {@code heads}
 * @param dModel width of the residual stream
 * @param dHead width of one head; {@code heads * dHead} need not be {@code dModel}
 * @param dMlp neurons per MLP
 * @param vocabulary number of tokens; 0 if inputs are images
 * @param context longest sequence; for images, the positions of an image of the model's own size
 * @param normEpsilon added to the variance (or mean square) under the root
 * @param activation the MLP's non-linearity
 * @param tiedUnembedding whether W_U is the transpose of W_E
 * @param block the variant of a block
 * @param attention the variant of attention
 * @param embedding the variant of the embedding
 * @param head the variant of the output head
 */
public record ModelConfig(
        String family,
        int layers,
        int heads,
        int keyValueHeads,
        int dModel,
        int dHead,
        int dMlp,
        int vocabulary,
        int context,
        double normEpsilon,
        Activation activation,
        boolean tiedUnembedding,
        BlockConfig block,
        AttentionConfig attention,
        EmbeddingConfig embedding,
        OutputHeadConfig head) {
    /** Returns whether positions enter by rotating queries and keys. */
    public boolean rotary() {
        return attention.rotates();
    }

    /** Returns the number of query heads per key and value head. */
    public int groupSize() {
        return heads / keyValueHeads;
    }

    /** Returns whether a model with these choices has the parameter in {@code layer}, if its other layers do. */
    public boolean has(Parameter parameter, int layer) {
        boolean ofFirstNorm = parameter == Parameter.LN1_GAIN || parameter == Parameter.LN1_BIAS;
        return !(ofFirstNorm && layer == 0 && block.plainFirst());
    }

    /** Returns the width of the embedding tables. */
    public int embedWidth() {
        return embedding.embedWidth() == 0 ? dModel : embedding.embedWidth();
    }

    /**
     * Returns the width of the final norm's output: the embedding width if a masked-LM head's dense layer maps back to
     * it.
     */
    public int headWidth() {
        return head().hasVocabulary() && head().transform().isPresent() ? embedWidth() : dModel;
    }

    /** Returns whether inputs are images, not tokens. */
    public boolean readsImages() {
        return embedding.image().isPresent();
    }

    /**
     * Wraps an image as an input.
     *
     * @param pixels [channel, row, column], resized, cropped and normalised
     * @throws dev.kausal.engine.errors.KausalException if the model does not read such images
     */
    public Input image(float[] pixels, int rows, int columns) {
        ImageMismatchException.check(this, pixels.length, rows, columns);
        int positions = prefix() + embedding.image().orElseThrow().patches(rows, columns);
        return new Input(new int[0], new int[0], new Image(pixels, rows, columns, positions));
    }

    /** Returns the number of outputs per row: tokens, classes or embedding dimensions. */
    public int outputs() {
        return head().classes() > 0 ? head().classes() : vocabulary;
    }

    /** Returns the number of positions before an image's patches; 0 in a language model. */
    public int prefix() {
        return embedding.image().map(image -> image.prefix().size()).orElse(0);
    }

    /** Returns the positions, of {@code length}, whose final stream the outputs at position {@code read} depend on. */
    public int[] rowsRead(int length, int read) {
        return head().pooled() ? head().pool().rows(length, prefix()) : new int[] {read};
    }

    public ModelConfig with(Activation other) {
        return with(other, attention, embedding, head, context, tiedUnembedding);
    }

    public ModelConfig with(AttentionConfig other) {
        return with(activation, other, embedding, head, context, tiedUnembedding);
    }

    public ModelConfig with(OutputHeadConfig other) {
        return with(
                activation,
                attention,
                embedding,
                other.withLogits(head.logitScale(), head.softCap()),
                context,
                tiedUnembedding);
    }

    public ModelConfig with(EmbeddingConfig other) {
        return with(activation, attention, other, head, context, tiedUnembedding);
    }

    /** Returns a copy whose vocabulary logits, if any, are scaled and capped. */
    public ModelConfig withLogits(double scale, double cap) {
        return with(activation, attention, embedding, head.withLogits(scale, cap), context, tiedUnembedding);
    }

    public ModelConfig withHeadNorms(AttentionConfig.HeadNorm other) {
        return with(attention.withHeadNorm(other));
    }

    public ModelConfig withContext(int other) {
        return with(activation, attention, embedding, head, other, tiedUnembedding);
    }

    /** Returns a copy with its own unembedding. */
    public ModelConfig untied() {
        return with(activation, attention, embedding, head, context, false);
    }

    /** Returns a copy in which each query head has keys and values of its own. */
    public ModelConfig ungrouped() {
        return new ModelConfig(
                family,
                layers,
                heads,
                heads,
                dModel,
                dHead,
                dMlp,
                vocabulary,
                context,
                normEpsilon,
                activation,
                tiedUnembedding,
                block,
                attention,
                embedding,
                head);
    }

    private ModelConfig with(
            Activation newActivation,
            AttentionConfig newAttention,
            EmbeddingConfig newEmbedding,
            OutputHeadConfig newHead,
            int newContext,
            boolean newTied) {
        return new ModelConfig(
                family,
                layers,
                heads,
                keyValueHeads,
                dModel,
                dHead,
                dMlp,
                vocabulary,
                newContext,
                normEpsilon,
                newActivation,
                newTied,
                block,
                newAttention,
                newEmbedding,
                newHead);
    }
}
