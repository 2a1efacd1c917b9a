package dev.kausal.engine.hooks;

import dev.kausal.engine.config.ModelConfig;

/** The meaning of one axis of an activation. */
public enum Axis {
    /** Positions of the input. */
    POSITION("position"),
    /** Positions that attend. */
    QUERY("query"),
    /** Positions that are attended to. */
    KEY("key"),
    /** The pooled row that a classifier reads. */
    POOLED_ROW("row"),
    /** Query heads. */
    HEAD("head"),
    /** Key and value heads: fewer than query heads under grouped-query attention. */
    KEY_VALUE_HEAD("key-value head"),
    /** Coordinates of a head's queries, keys or values. */
    D_HEAD("d_head"),
    /** Coordinates of all query heads in one row, for a norm that spans all heads. */
    ALL_HEADS("head and d_head"),
    /** Coordinates of all key heads in one row. */
    ALL_KEY_VALUE_HEADS("key-value head and d_head"),
    /** Directions of the residual stream. */
    D_MODEL("d_model"),
    /** Directions of the embeddings, before a dense layer to the stream's width. */
    D_EMBED("d_model"),
    /** Directions of the unembedding's input. */
    D_UNEMBED("d_model"),
    /** Directions of a classifier's input. */
    D_POOLED("d_model"),
    /** Neurons of the MLP. */
    D_MLP("neuron"),
    /** A norm's divisor, one number. */
    SCALE("scale"),
    /** Outputs: tokens of the vocabulary, or classes. */
    OUTPUT("token");

    private final String label;

    Axis(String label) {
        this.label = label;
    }

    /** Returns the axis's name in results and in the guide. */
    public String label() {
        return label;
    }

    /** Returns whether it counts heads. */
    public boolean heads() {
        return this == HEAD || this == KEY_VALUE_HEAD;
    }

    /** Returns whether it counts positions of the input. */
    public boolean positions() {
        return this == POSITION || this == QUERY || this == KEY;
    }

    /** Returns the axis's length in a model of these sizes, for an input of {@code positions}. */
    public int size(ModelConfig config, int positions) {
        return switch (this) {
            case POSITION, QUERY, KEY -> positions;
            case POOLED_ROW, SCALE -> 1;
            case HEAD -> config.heads();
            case KEY_VALUE_HEAD -> config.keyValueHeads();
            case D_HEAD -> config.dHead();
            case ALL_HEADS -> config.heads() * config.dHead();
            case ALL_KEY_VALUE_HEADS -> config.keyValueHeads() * config.dHead();
            case D_MODEL -> config.dModel();
            case D_EMBED -> config.embedWidth();
            case D_UNEMBED -> config.headWidth();
            case D_POOLED -> config.head().width(config.dModel());
            case D_MLP -> config.dMlp();
            case OUTPUT -> config.outputs();
        };
    }
}
