/**
 * Runs sweep plans: the batched executor, which computes only positions that may differ from a base run, and the plain
 * one, which runs one pass per cell and serves as its oracle. It uses plans and the forward pass.
 */
@NullMarked
package dev.kausal.engine.exec;

import org.jspecify.annotations.NullMarked;
