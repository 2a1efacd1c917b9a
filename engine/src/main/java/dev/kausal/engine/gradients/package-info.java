/**
 * Gradients of objectives such as metrics with respect to activations and weights. It runs the forward pass while DJL
 * records it.
 */
@NullMarked
package dev.kausal.engine.gradients;

import org.jspecify.annotations.NullMarked;
