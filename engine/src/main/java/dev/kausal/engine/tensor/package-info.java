/**
 * What the engine needs of DJL beyond its public operations: scopes, fused operators, recording, work that is divided among
 * threads. It knows nothing of transformers.
 */
@NullMarked
package dev.kausal.engine.tensor;

import org.jspecify.annotations.NullMarked;
