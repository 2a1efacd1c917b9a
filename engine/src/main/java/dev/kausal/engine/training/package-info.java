/**
 * Trains small models: an optimiser over a model's weights. Studies use it to make models with known mechanisms.
 */
@NullMarked
package dev.kausal.engine.training;

import org.jspecify.annotations.NullMarked;
