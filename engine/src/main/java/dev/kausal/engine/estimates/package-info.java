/** Cells of a plan estimated from gradients: one forward and backward pass per run instead of one run per cell. */
@NullMarked
package dev.kausal.engine.estimates;

import org.jspecify.annotations.NullMarked;
