/**
 * Additions to DJL: scopes, fused operators, recording, and parallel groups. It is independent of transformers.
 */
@NullMarked
package dev.kausal.engine.tensor;

import org.jspecify.annotations.NullMarked;
