package dev.kausal.engine.replacement;

import dev.kausal.engine.features.Dictionary;

/**
 * A transcoder that stands for the MLP of one layer.
 *
 * @param site hook point that it reads
 * @param target hook point that it reconstructs
 */
public record LayerTranscoder(String site, String target, Dictionary dictionary) {}
