/**
 * Products of weights that need no input: QK and OV circuits, and how strongly one head's output meets another's input. It
 * reads weights and components only.
 */
@NullMarked
package dev.kausal.engine.circuits;

import org.jspecify.annotations.NullMarked;
