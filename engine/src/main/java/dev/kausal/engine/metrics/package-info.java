/**
 * Metrics of logits: one class per metric, as a number and as operations that gradients flow through. It depends on no
 * model.
 */
@NullMarked
package dev.kausal.engine.metrics;

import org.jspecify.annotations.NullMarked;
