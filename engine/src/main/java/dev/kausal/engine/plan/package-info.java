/**
 * Sweeps as data: runs, cells with their edits and metrics, and the compiled form with the rows that may differ.
 * Nothing is computed here.
 */
@NullMarked
package dev.kausal.engine.plan;

import org.jspecify.annotations.NullMarked;
