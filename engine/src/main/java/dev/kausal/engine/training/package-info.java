/**
 * Trains small models: an optimiser over the weights of one. Studies use it to make models whose mechanism is known.
 */
@NullMarked
package dev.kausal.engine.training;

import org.jspecify.annotations.NullMarked;
