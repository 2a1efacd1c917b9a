package dev.kausal.engine.exec;

import dev.kausal.engine.model.Input;

/**
 * Some positions of an input.
 *
 * @param input what is read
 * @param positions ascending
 */
record InputRows(Input input, int[] positions) {}
