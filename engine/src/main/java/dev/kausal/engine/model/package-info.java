/**
 * What callers open and run: a checkpoint before its weights are read, the model, and its saved or processed weights. It stands
 * above the forward pass; executors and analyses stand above it.
 */
@NullMarked
package dev.kausal.engine.model;

import org.jspecify.annotations.NullMarked;
