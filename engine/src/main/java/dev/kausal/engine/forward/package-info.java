/**
 * The maths of a transformer, written once over packed rows for all families: embeddings, attention, MLP, norms and heads. It
 * reads a config and weights, and offers its activations to hooks; what hooks do with them it does not know.
 */
@NullMarked
package dev.kausal.engine.forward;

import org.jspecify.annotations.NullMarked;
