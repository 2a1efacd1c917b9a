/**
 * One file per model family: how its configs are read and how its tensors are named; and the code that applies these
 * tables to files, from {@link dev.kausal.engine.family.WeightReader} to {@link dev.kausal.engine.family.Weights}. It
 * uses configs and weight files, and does none of the forward pass's maths.
 */
@NullMarked
package dev.kausal.engine.family;

import org.jspecify.annotations.NullMarked;
