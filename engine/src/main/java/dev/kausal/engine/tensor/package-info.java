/**
 * What the engine needs of DJL beyond its public operations: scopes, fused operators, recording, work that is divided among
 * threads. It knows nothing of transformers.
 */
package dev.kausal.engine.tensor;
