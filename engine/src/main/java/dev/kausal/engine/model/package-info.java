/**
 * What callers open and run: a checkpoint before its weights are read, the model, and its saved or processed weights.
 * Above the forward pass, below executors and analyses.
 */
@NullMarked
package dev.kausal.engine.model;

import org.jspecify.annotations.NullMarked;
