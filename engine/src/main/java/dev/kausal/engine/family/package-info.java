/**
 * One file per model family: how its configs are read and how its tensors are named. Beside them stands what applies these
 * tables to a file, from {@link dev.kausal.engine.family.WeightReader} to {@link dev.kausal.engine.family.Weights}. It uses configs
 * and weight files, and does no maths of a forward pass.
 */
@NullMarked
package dev.kausal.engine.family;

import org.jspecify.annotations.NullMarked;
