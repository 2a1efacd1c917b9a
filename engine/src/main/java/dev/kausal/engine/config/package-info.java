/**
 * Sizes and architecture choices of the forward pass, the inputs and parameters that follow from them, and readers of
 * config fields that belong to no family. Tensor names and weights are elsewhere.
 */
@NullMarked
package dev.kausal.engine.config;

import org.jspecify.annotations.NullMarked;
