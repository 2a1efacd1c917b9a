/**
 * Circuits: edges between components and readers, their estimated and exact effects, and runs that keep some of them;
 * and products of weights that need no input (QK and OV circuits, composition scores of heads).
 */
@NullMarked
package dev.kausal.engine.circuits;

import org.jspecify.annotations.NullMarked;
