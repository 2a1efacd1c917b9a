/**
 * Products of weights that need no input: QK and OV circuits, and composition scores of heads. It reads weights and
 * components only.
 */
@NullMarked
package dev.kausal.engine.circuits;

import org.jspecify.annotations.NullMarked;
