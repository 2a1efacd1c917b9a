/**
 * Trains small models, with which studies have models of known mechanisms, and subspaces of a model's activations.
 */
@NullMarked
package dev.kausal.engine.training;

import org.jspecify.annotations.NullMarked;
