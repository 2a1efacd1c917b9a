/**
 * The maths of a transformer, written once over packed rows for all families: embeddings, attention, MLP, norms and
 * heads. It reads a config and weights, and passes activations to hooks without depending on what these do.
 */
@NullMarked
package dev.kausal.engine.forward;

import org.jspecify.annotations.NullMarked;
