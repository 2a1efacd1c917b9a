/**
 * The sizes and choices that a forward pass depends on, the inputs and parameters that follow from them, and the readers of
 * config fields that belong to no family. Tensor names and weights are elsewhere.
 */
@NullMarked
package dev.kausal.engine.config;

import org.jspecify.annotations.NullMarked;
