/**
 * Gradients of metrics with respect to activations and weights, and the objectives they are taken of. It runs the forward
 * pass while DJL records it.
 */
@NullMarked
package dev.kausal.engine.gradients;

import org.jspecify.annotations.NullMarked;
