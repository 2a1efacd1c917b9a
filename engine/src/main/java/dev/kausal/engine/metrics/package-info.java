/**
 * What is measured of logits: one class per metric, as a number and as operations that gradients flow through. It knows no
 * model.
 */
package dev.kausal.engine.metrics;
