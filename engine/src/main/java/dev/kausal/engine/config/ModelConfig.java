package dev.kausal.engine.config;

import dev.kausal.engine.family.Family;

/**
 * The sizes and choices that a forward pass depends on.
 *
 * @param family name of the {@link Family}, such as {@code llama}
 * @param layers number of blocks
 * @param heads query heads per block
 * @param keyValueHeads key and value heads per block; divides {@code heads}
 * @param dModel width of the residual stream
 * @param dHead width of one head; {@code heads * dHead} need not be {@code dModel}
 * @param dMlp neurons per MLP
 * @param vocabulary number of tokens; 0 if inputs are images
 * @param context longest sequence; positions of an image of the model's own size
 * @param normEpsilon added to the variance (or mean square) under the root
 * @param activation the MLP's non-linearity
 * @param tiedUnembedding whether W_U is the transpose of W_E
 * @param block the order of a block
 * @param attention how positions meet
 * @param embedding what stands before the first block
 * @param head what stands after the last
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
    /** Whether positions enter by rotating queries and keys. */
    public boolean rotary() {
        return attention.rotates();
    }

    /** Query heads that share one key and value head. */
    public int groupSize() {
        return heads / keyValueHeads;
    }

    /** Whether a model of these choices has the parameter in a block that has its like in others. */
    public boolean has(Parameter parameter, int layer) {
        boolean ofFirstNorm = parameter == Parameter.LN1_GAIN || parameter == Parameter.LN1_BIAS;
        return !(ofFirstNorm && layer == 0 && block.plainFirst());
    }

    /** Width of the embeddings' tables. */
    public int embedWidth() {
        return embedding.embedWidth() == 0 ? dModel : embedding.embedWidth();
    }

    /** Width of the rows that the last norm gives: the embeddings' where a masked-LM head's dense layer goes back to it. */
    public int headWidth() {
        return head().hasVocabulary() && head().transform().isPresent() ? embedWidth() : dModel;
    }

    /** Whether inputs are images, not tokens. */
    public boolean readsImages() {
        return embedding.image().isPresent();
    }

    /**
     * An image as an input.
     *
     * @param pixels [channel, row, column], resized, cropped and normalised
     * @throws dev.kausal.engine.errors.KausalException where the model does not read such images
     */
    public Input image(float[] pixels, int rows, int columns) {
        ImageMismatchException.check(this, pixels.length, rows, columns);
        int positions = prefix() + embedding.image().orElseThrow().patches(rows, columns);
        return new Input(new int[0], new int[0], new Image(pixels, rows, columns, positions));
    }

    /** Numbers per row of outputs: tokens, classes, or an embedding's. */
    public int outputs() {
        return head().classes() > 0 ? head().classes() : vocabulary;
    }

    /** Positions that stand before the patches of an image, for all of it: 0 in a language model. */
    public int prefix() {
        return embedding.image().map(image -> image.prefix().size()).orElse(0);
    }

    /** Positions, of {@code length}, whose rows after the last block the outputs at position {@code read} come from. */
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

    /** The same model whose logits, if they are of a vocabulary, are multiplied and capped. */
    public ModelConfig withLogits(double scale, double cap) {
        return with(activation, attention, embedding, head.withLogits(scale, cap), context, tiedUnembedding);
    }

    public ModelConfig withHeadNorms(AttentionConfig.HeadNorm other) {
        return with(attention.withHeadNorm(other));
    }

    public ModelConfig withContext(int other) {
        return with(activation, attention, embedding, head, other, tiedUnembedding);
    }

    /** The same model with an unembedding of its own. */
    public ModelConfig untied() {
        return with(activation, attention, embedding, head, context, false);
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
