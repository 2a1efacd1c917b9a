package dev.kausal.engine.replacement;

import ai.djl.ndarray.NDArray;

/**
 * Targets of one layer: the vectors that they read.
 *
 * @param layer layer of the transcoder that reads; the number of layers for logits
 * @param positions position of each target
 * @param vectors what each target reads [target, width]
 */
record Injection(int layer, int[] positions, NDArray vectors) {}
