/**
 * What is measured of logits: one class per metric, as a number and as operations that gradients flow through. It knows no
 * model.
 */
@NullMarked
package dev.kausal.engine.metrics;

import org.jspecify.annotations.NullMarked;
