package dev.kausal.engine.rows;

import dev.kausal.engine.config.Input;

/**
 * Some positions of an input.
 *
 * @param input the input
 * @param positions ascending
 */
public record InputPositions(Input input, int[] positions) {}
